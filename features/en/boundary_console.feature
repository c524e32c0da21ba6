# language: en
@en
Feature: The console's dev server shows only the console
  On staging the console is served by a development server, which has been talked into more.

  @security @s1.boundary.console
  @allure.link.CVE-2025-30208:https://nvd.nist.gov/vuln/detail/CVE-2025-30208
  @allure.link.CVE-2025-31125:https://nvd.nist.gov/vuln/detail/CVE-2025-31125
  @allure.link.CVE-2025-31486:https://nvd.nist.gov/vuln/detail/CVE-2025-31486
  @allure.link.CVE-2025-32395:https://nvd.nist.gov/vuln/detail/CVE-2025-32395
  @allure.link.CVE-2024-45811:https://nvd.nist.gov/vuln/detail/CVE-2024-45811
  Scenario Outline: Without a session <probes> are closed
    Given the console opens to a member's session
    When somebody without a session asks for <probes>
    Then every request is stopped at the sign-in or refused for its spelling

    Examples:
      | probes              |
      | files of the server |
      | invalid targets     |

  @security @s1.boundary.console
  @allure.link.CVE-2025-30208:https://nvd.nist.gov/vuln/detail/CVE-2025-30208
  @allure.link.CVE-2025-31125:https://nvd.nist.gov/vuln/detail/CVE-2025-31125
  @allure.link.CVE-2025-31486:https://nvd.nist.gov/vuln/detail/CVE-2025-31486
  @allure.link.CVE-2025-32395:https://nvd.nist.gov/vuln/detail/CVE-2025-32395
  @allure.link.CVE-2024-45811:https://nvd.nist.gov/vuln/detail/CVE-2024-45811
  Scenario: A signed-in member cannot read files of the server
    Given the console opens to a member's session
    When a member who signed in asks for files of the server
    Then each is answered 403 or 404 and shows no file

  @security @s1.boundary.console
  @allure.link.CVE-2025-32395:https://nvd.nist.gov/vuln/detail/CVE-2025-32395
  Scenario: A signed-in member gains nothing by an invalid target
    Given the console opens to a member's session
    When a member who signed in asks for invalid targets
    Then each is answered 400, 403 or 404 and shows no file

  @security @s1.boundary.console
  Scenario: The dev server's socket does not lead around the sign-in
    Given the console opens to a member's session
    When somebody without a session asks for the dev server's socket prefix
    Then no answer shows the console or its source
