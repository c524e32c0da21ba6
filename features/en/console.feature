# language: en
@en
Feature: Basic pages of the staff console
  The pages that everybody starts from open whole, in the reader's language, and show what the platform knows.

  @p0 @s1.p0.4.1
  Scenario Outline: A platform admin sees every project when they open Projects <way>
    Given a platform admin is at the console
    And the platform has projects, new ones among them
    When they open the Projects page <way>
    Then the page is whole, in the chosen language, and nothing failed behind it
    And its rows agree with the database

    Examples:
      | way                   |
      | by its link           |
      | by its address        |
      | and loads it again    |
      | in the other language |

  @p0 @s1.p0.4.2
  Scenario Outline: A platform admin sees the runs when they open Runs <way>
    Given a platform admin is at the console
    And the platform has runs, new ones among them
    When they open the Runs page <way>
    Then the page is whole, in the chosen language, and nothing failed behind it
    And its rows agree with the database

    Examples:
      | way                   |
      | by its link           |
      | by its address        |
      | and loads it again    |
      | in the other language |

  @p0 @s1.p0.4.3
  Scenario Outline: A platform admin sees who is allowed when they open Users <way>
    Given a platform admin is at the console
    And the platform has users, new ones among them
    When they open the Users page <way>
    Then the page is whole, in the chosen language, and nothing failed behind it
    And its rows agree with the database

    Examples:
      | way                   |
      | by its link           |
      | by its address        |
      | and loads it again    |
      | in the other language |

  @p0 @s1.p0.4.3 @security
  Scenario: Someone who is no admin does not get to the users
    Given a member who is no admin is at the console
    When they open the Users page by its address
    Then they are sent to the Projects page, which offers no Users
    And no other person is named anywhere on it
    And the API refuses them the users with 403 "platform admin required"
