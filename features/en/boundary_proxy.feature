# language: en
@en
Feature: What a proxy in front would say opens nothing
  Headers, methods and upgrades that some edges believe must not lead around the sign-in.

  @security @s1.boundary.proxy
  @allure.link.CVE-2026-40575:https://nvd.nist.gov/vuln/detail/CVE-2026-40575
  @allure.link.GHSA-7x63-xv5r-3p2x:https://github.com/advisories/GHSA-7x63-xv5r-3p2x
  @allure.link.CVE-2026-76835:https://nvd.nist.gov/vuln/detail/CVE-2026-76835
  @allure.link.oauth2-proxy-3506:https://github.com/oauth2-proxy/oauth2-proxy/issues/3506
  Scenario: A header that names the public path opens nothing
    Given the users list opens to an admin's session
    When somebody without a session tries a header that names the public path
    Then every request is stopped at the sign-in

  @security @s1.boundary.proxy @read-only
  @allure.link.CVE-2026-34457:https://nvd.nist.gov/vuln/detail/CVE-2026-34457
  @allure.link.GHSA-5hvv-m4w4-gf6v:https://github.com/advisories/GHSA-5hvv-m4w4-gf6v
  Scenario: The name of a health checker opens nothing
    Given the edge answers its own ping
    When somebody without a session tries the name of a health checker
    Then every request is stopped at the sign-in

  @security @s1.boundary.proxy
  Scenario: A preflight opens nothing
    Given the users list opens to an admin's session
    When somebody without a session tries a preflight
    Then every request is stopped at the sign-in

  @security @s1.boundary.proxy
  Scenario: A method in a header changes nothing
    Given a member's session works
    When a member puts another method into a header of a request for the projects
    Then each answer is the plain list of projects

  @security @s1.boundary.proxy
  Scenario: A websocket upgrade opens nothing
    Given the console opens to a member's session
    When somebody without a session tries a websocket upgrade
    Then every request is stopped at the sign-in

  @security @s1.boundary.proxy
  @allure.link.go-80416:https://github.com/golang/go/issues/80416
  Scenario: An upgrade to h2c does not smuggle requests past the sign-in
    Given the webhook path answers without a session
    When somebody without a session tries an upgrade to h2c
    Then every request is stopped at the sign-in
