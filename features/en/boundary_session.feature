# language: en
@en
Feature: A session belongs to the one who signed in
  Forged cookies, borrowed sign-ins and old sessions open nothing.

  @security @s1.boundary.session
  Scenario Outline: A session cookie with <forgery> opens nothing
    Given a member's session works
    When their cookie is presented with <forgery>
    Then the cookie opens nothing

    Examples:
      | forgery                              |
      | its content changed by a byte        |
      | its time changed by a digit          |
      | its signature changed by a byte      |
      | a signature made with another secret |
      | an older time                        |
      | a later time                         |
      | another name                         |
      | its pieces changed and split in two  |

  @security @s1.boundary.session
  Scenario: A session cookie cut in two is nobody or the same person
    Given a member's session works
    When their cookie is presented cut in two
    Then it opens nothing, or their own account

  @security @s1.boundary.session
  Scenario: The session cookie is kept from scripts, plain http and other sites
    Given a member's session works
    When the member signs in anew and signs out
    Then their session cookie is Secure, HttpOnly, SameSite=Lax and for this host only
    And the answer clears all three cookies
    And whether a copied cookie lives on is put on record

  @security @s1.boundary.session
  Scenario: The sign-out of the edge ends the session in the browser
    Given a member's session works
    When the member's browser opens the sign-out of the edge
    Then the session is gone from the browser

  @security @s1.boundary.session
  Scenario: A sign-in that this browser did not begin is refused
    Given a member's session works
    When a browser that began no sign-in opens the way back of another's
    Then the sign-in is refused with 403 and no session is given

  @security @s1.boundary.session
  Scenario: A sign-in with another browser's state is refused
    Given a member's session works
    When a browser that began its own sign-in opens the way back of another's
    Then the sign-in is refused with 403 and no session is given

  @security @s1.boundary.session
  Scenario: A finished sign-in cannot be repeated
    Given an admin's session works
    When a browser that finished a sign-in comes back from GitHub once more
    Then the sign-in is refused with 403 and no session is given

  @security @s1.boundary.session
  @allure.link.GHSA-f24x-5g9q-753f:https://github.com/advisories/GHSA-f24x-5g9q-753f
  Scenario: Signing in as somebody else replaces the session
    Given an admin's session works
    When in the admin's browser the sign-in page is opened and the member signs in
    Then the browser belongs to the member and the admin's session is gone from it
