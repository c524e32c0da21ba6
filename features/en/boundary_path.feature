# language: en
@en
Feature: No spelling of a path leads around the sign-in
  The proxy decides by the path as it was written, the gateway by the path as it reads it.
  Requests leave the machine exactly as written, with the owner's headers on them.

  @security @s1.boundary.path @s1.security.1
  Scenario Outline: The sign-in is not fooled by <probes>
    Given the webhook path answers without a session
    When somebody without a session tries <probes>
    Then every request is stopped at the sign-in or refused for its spelling
    And the users list still opens to an admin's session

    Examples:
      | probes              |
      | dot segments        |
      | encoded dots        |
      | encoded slashes     |
      | dots encoded twice  |
      | path parameters     |
      | backslashes         |
      | an absolute address |

  @security @s1.boundary.path @s1.security.1
  @allure.link.CVE-2026-41059:https://nvd.nist.gov/vuln/detail/CVE-2026-41059
  @allure.link.GHSA-pxq7-h93f-9jrg:https://github.com/advisories/GHSA-pxq7-h93f-9jrg
  Scenario Outline: The public path is not widened by <probes>
    Given the webhook path answers without a session
    When somebody without a session tries <probes>
    Then every request is stopped at the sign-in or refused for its spelling

    Examples:
      | probes                   |
      | an encoded fragment      |
      | an encoded question mark |
      | control characters       |

  @security @s1.boundary.path @read-only
  Scenario Outline: The gateway is not fooled by <probes> either
    Given the gateway tells its health from inside
    When the gateway itself is asked with <probes>
    Then the gateway does not read them as another path

    Examples:
      | probes             |
      | dot segments       |
      | encoded dots       |
      | encoded slashes    |
      | dots encoded twice |

  @security @s1.boundary.path @s1.security.1
  @allure.link.CVE-2025-54576:https://nvd.nist.gov/vuln/detail/CVE-2025-54576
  @allure.link.GHSA-7rh7-c77v-6434:https://github.com/advisories/GHSA-7rh7-c77v-6434
  Scenario: The webhook path in a query opens nothing
    Given the webhook path answers without a session
    When somebody without a session tries the webhook path in the query
    Then every request is stopped at the sign-in

  @security @s1.boundary.path @s1.security.1
  Scenario: A path that only resembles the webhook path is closed
    Given the webhook path answers without a session
    When somebody without a session asks for paths that only resemble the webhook path
    Then every request is stopped at the sign-in

  @security @s1.boundary.path @s1.security.1
  Scenario: On the public path there is nothing but the webhook
    Given the webhook path answers without a session
    When somebody without a session asks for other routes and methods on the webhook path
    Then each is answered 404 or 405 with an empty body
