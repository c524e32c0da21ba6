# language: en
@en
Feature: Identity comes from the sign-in alone
  The gateway believes identity headers, so what a client says of itself must never reach it.

  @security @s1.boundary.identity
  @allure.link.GHSA-vjrc-mh2v-45x6:https://github.com/advisories/GHSA-vjrc-mh2v-45x6
  @allure.link.CVE-2025-64484:https://nvd.nist.gov/vuln/detail/CVE-2025-64484
  Scenario Outline: Without a session <claim> makes nobody the owner
    Given nobody is signed in and the staff API is closed
    When somebody claims to be the owner by <claim>
    Then nobody is let in
    And nothing of what was asked for is stored
    And the users list still opens to an admin's session

    Examples:
      | claim                          |
      | X-Auth-Request-Email           |
      | X-Forwarded-Email              |
      | all headers together           |
      | two header lines               |
      | a list in one line             |
      | lower-case names               |
      | names with underscores         |
      | a Connection header            |
      | user names                     |
      | other forwarded headers        |
      | a token of the platform's kind |

  @security @s1.boundary.identity
  @allure.link.GHSA-vjrc-mh2v-45x6:https://github.com/advisories/GHSA-vjrc-mh2v-45x6
  @allure.link.CVE-2025-64484:https://nvd.nist.gov/vuln/detail/CVE-2025-64484
  @allure.link.go-50580:https://github.com/golang/go/issues/50580
  @allure.link.CVE-2021-33197:https://nvd.nist.gov/vuln/detail/CVE-2021-33197
  Scenario Outline: A signed-in member who adds <claim> stays who they are
    Given a member without admin rights is signed in and is who they are
    When they claim to be the owner by <claim>
    Then the platform still takes them for themselves
    And the users list stays closed to them
    And no project of theirs appears in the database
    And the records of both people are unchanged

    Examples:
      | claim                   |
      | X-Auth-Request-Email    |
      | X-Forwarded-Email       |
      | all headers together    |
      | two header lines        |
      | a list in one line      |
      | lower-case names        |
      | names with underscores  |
      | a Connection header     |
      | user names              |
      | other forwarded headers |

  @security @s1.boundary.identity
  @allure.link.GHSA-vjrc-mh2v-45x6:https://github.com/advisories/GHSA-vjrc-mh2v-45x6
  @allure.link.CVE-2025-64484:https://nvd.nist.gov/vuln/detail/CVE-2025-64484
  @allure.link.go-50580:https://github.com/golang/go/issues/50580
  @allure.link.CVE-2021-33197:https://nvd.nist.gov/vuln/detail/CVE-2021-33197
  Scenario Outline: A signed-in stranger who adds <claim> is still not allowed
    Given a stranger is signed in at GitHub and told that they are not allowed
    When they claim to be the owner by <claim>
    Then they are still told that they are not allowed

    Examples:
      | claim                  |
      | X-Auth-Request-Email   |
      | X-Forwarded-Email      |
      | two header lines       |
      | names with underscores |
      | a Connection header    |

  @security @s1.boundary.identity
  Scenario: An old token beside a good session keeps nobody out
    Given a member without admin rights is signed in and is who they are
    When they bring an old token of the platform beside their session
    Then the old token keeps nobody out

  @security @s1.boundary.identity
  Scenario: The case of an e-mail's letters does not matter
    Given an admin has allowed somebody of this run
    When the gateway is told their e-mail in capitals
    Then the gateway knows the person

  @security @s1.boundary.identity
  Scenario: The case in which an e-mail was allowed does not matter
    Given an admin has allowed somebody of this run by an e-mail in capitals
    When the gateway is told their e-mail in small letters
    Then the gateway knows the person

  @security @s1.boundary.identity
  @allure.link.CVE-2026-40574:https://nvd.nist.gov/vuln/detail/CVE-2026-40574
  @allure.link.GHSA-c5c4-8r6x-56w3:https://github.com/advisories/GHSA-c5c4-8r6x-56w3
  Scenario Outline: An e-mail that differs by <difference> is somebody else's
    Given an admin has allowed somebody of this run
    When the gateway is told an e-mail that differs by <difference>
    Then the gateway refuses with 403 "email is not allowed"
    And nobody who was refused is among the platform's users

    Examples:
      | difference                  |
      | a second at sign            |
      | a longer domain             |
      | a shorter domain            |
      | a letter in front           |
      | look-alike letters          |
      | full-width letters          |
      | a list of two               |
      | an underscore for a letter  |
      | a letter for its underscore |
      | a percent sign for its name |
      | a plus tag                  |
      | a dot in its name           |

  @security @s1.boundary.identity
  Scenario: A known GitHub login does not let another e-mail in
    Given an admin has allowed somebody of this run
    And the person has come in with their GitHub login
    When the gateway is told that login with another e-mail
    Then the gateway refuses with 403 "email is not allowed"

  @security @s1.boundary.identity
  Scenario: Whoever was taken off the list is let in no more
    Given an admin has allowed somebody of this run
    And the person has come in with their GitHub login
    When an admin takes them off the list and they come again
    Then the gateway refuses with 403 "email is not allowed"

  @security @s1.boundary.identity
  Scenario: Whoever is allowed again after that is let in
    Given an admin has allowed somebody of this run
    And the person has come in with their GitHub login
    And an admin has taken them off the list and they came again
    When an admin allows them again and they come
    Then the gateway knows the person

  @security @s1.boundary.identity
  Scenario Outline: The gateway does not believe <credential>
    Given the gateway tells its health from inside
    When the gateway is shown the credential: <credential>
    Then the gateway refuses with 401 "invalid auth token"

    Examples:
      | credential                       |
      | a bearer token of nonsense       |
      | a cookie of nonsense             |
      | a token without a signature      |
      | a token signed with an empty key |
      | a token that has expired         |

  @security @s1.boundary.identity @read-only
  Scenario: The gateway asks for credentials when there are none
    Given the gateway tells its health from inside
    When the gateway is shown no credentials at all
    Then the gateway refuses with 401 "missing auth token"

  @security @s1.boundary.identity
  Scenario: The gateway changes nothing for who gives no credentials
    Given the gateway tells its health from inside
    When the gateway is asked for changes with no credentials at all
    Then the gateway refuses with 401 "missing auth token"
    And nothing of what was asked for is stored

  @security @s1.boundary.identity
  Scenario: A login is on record whatever its person asks for first
    Given an admin has allowed somebody of this run
    When that person comes for the first time, and asks for the projects only
    Then the login that they came with is on record
