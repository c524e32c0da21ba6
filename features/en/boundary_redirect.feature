# language: en
@en
Feature: Signing in and out leads nowhere else
  A link to the sign-in must not be able to send a person to somebody else's site.

  @security @s1.boundary.redirect
  @allure.link.GHSA-qqxw-m5fj-f7gv:https://github.com/advisories/GHSA-qqxw-m5fj-f7gv
  @allure.link.GHSA-j7px-6hwj-hpjg:https://github.com/advisories/GHSA-j7px-6hwj-hpjg
  @allure.link.CVE-2020-11053:https://nvd.nist.gov/vuln/detail/CVE-2020-11053
  @allure.link.GHSA-5m6c-jp6f-2vcv:https://github.com/advisories/GHSA-5m6c-jp6f-2vcv
  @allure.link.CVE-2020-4037:https://nvd.nist.gov/vuln/detail/CVE-2020-4037
  @allure.link.GHSA-4mf2-f3wh-gvf2:https://github.com/advisories/GHSA-4mf2-f3wh-gvf2
  Scenario Outline: The sign-in cannot be asked to lead to <place>
    Given the webhook path answers without a session
    When somebody asks the sign-in and the sign-out to lead to <place>
    Then every way stays on the platform's own host

    Examples:
      | place                        |
      | another site                 |
      | a double slash               |
      | a backslash                  |
      | white space between slashes  |
      | a look-alike of the own name |

  @security @s1.boundary.redirect
  @allure.link.GHSA-qqxw-m5fj-f7gv:https://github.com/advisories/GHSA-qqxw-m5fj-f7gv
  @allure.link.GHSA-j7px-6hwj-hpjg:https://github.com/advisories/GHSA-j7px-6hwj-hpjg
  @allure.link.CVE-2020-11053:https://nvd.nist.gov/vuln/detail/CVE-2020-11053
  @allure.link.GHSA-5m6c-jp6f-2vcv:https://github.com/advisories/GHSA-5m6c-jp6f-2vcv
  Scenario Outline: A finished sign-in that was asked to lead to <place> stays here
    Given a member's session works
    When the member finishes a sign-in that was asked to lead to <place>
    Then the member is signed in and still on the platform's own host

    Examples:
      | place        |
      | another site |
      | a backslash  |

  @security @s1.boundary.redirect
  Scenario: An honest sign-in leads back to where it began
    Given an admin's session works
    When the admin finishes a sign-in that began at the runs page
    Then the admin is back at the runs page
