# language: en
@en
Feature: Nothing more can be seen from outside than must be
  Health pages, other names on the same address, inner ports and error texts are for those inside.

  @security @s1.boundary.exposure @read-only
  Scenario: Health and metrics are not for strangers
    Given the gateway tells its health from inside
    When somebody without a session asks for the health pages and the metrics
    Then every request is stopped at the sign-in

  @security @s1.boundary.exposure
  Scenario: Another host on the same address is not the platform
    Given the webhook path answers without a session
    When the platform's address is asked for other hosts
    Then it answers 404 and shows nothing of the platform

  @security @s1.boundary.exposure
  Scenario: Another name in TLS does not open the platform
    Given the webhook path answers without a session
    When the platform's address is asked with another name in TLS
    Then it does not open the platform

  @security @s1.boundary.exposure
  Scenario: Plain http only leads to https
    Given the webhook path answers without a session
    When the staff API is asked over plain http
    Then the answer only sends to https on the same host

  @security @s1.boundary.exposure @read-only
  Scenario: The ports of the platform's parts are closed
    Given the gate stands outside the staging's network
    When the ports of the platform's own parts are tried
    Then none of them answers

  @security @s1.boundary.exposure @read-only
  Scenario: What the cluster takes on its machines is closed
    Given the gate stands outside the staging's network
    When the ports that the cluster takes on its machines are tried
    Then none of them answers

  @security @s1.boundary.exposure
  @allure.link.owasp-error-handling:https://cheatsheetseries.owasp.org/cheatsheets/Error_Handling_Cheat_Sheet.html
  Scenario: Errors tell a stranger nothing
    Given the webhook path answers without a session
    When a stranger provokes errors at the edge and at the webhook
    Then no error shows a stack, SQL, a secret or the request's own headers

  @security @s1.boundary.exposure
  @allure.link.owasp-error-handling:https://cheatsheetseries.owasp.org/cheatsheets/Error_Handling_Cheat_Sheet.html
  Scenario: Errors tell a member nothing
    Given a member's session works
    When a member provokes errors in the staff API
    Then no error shows a stack, SQL, a secret or the request's own headers

  @security @s1.boundary.exposure
  @allure.link.owasp-error-handling:https://cheatsheetseries.owasp.org/cheatsheets/Error_Handling_Cheat_Sheet.html
  Scenario: Errors of writing tell a platform admin nothing of the database
    Given an admin's session works
    When a platform admin provokes errors by writing what cannot be stored
    Then no error shows a stack, SQL, a secret or the request's own headers

  @security @s1.boundary.exposure
  @allure.link.owasp-error-handling:https://cheatsheetseries.owasp.org/cheatsheets/Error_Handling_Cheat_Sheet.html
  Scenario: Errors of reading tell a platform admin nothing of the database
    Given an admin's session works
    When a platform admin provokes errors in the staff API
    Then no error shows a stack, SQL, a secret or the request's own headers
