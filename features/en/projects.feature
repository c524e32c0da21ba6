# language: en
@en @p1
Feature: Projects
  A platform admin makes projects through the console; nobody else can.

  @s1.p1.1.1
  Scenario: A platform admin creates a project through the console
    Given a platform admin has the projects page open
    When they create a project with slug and name
    Then the project appears in the table
    And the API lists it under that name
    And it is stored with the server's learning default

  @s1.p1.1.1
  Scenario: The same slug again renames the project
    Given a platform admin has the projects page open
    And they have created a project with slug and name
    When they create it again under another name
    Then it is still the same one project under the new name
    And the project appears in the table
    And whoever gives the same slug to the API is told that project

  @s1.p1.1.1
  Scenario Outline: A project without a <field> is refused
    Given a platform admin has the projects page open
    When they create a project without a <field>
    Then the page says in its own words that this is refused
    And the API refuses it with 400 as well
    And no project is stored

    Examples:
      | field |
      | slug  |
      | name  |

  @s1.p1.1.1
  Scenario: A project keeps its name where none is given
    When a platform admin gives the API the slug of a project and no name
    Then the API refuses that with 400
    And the project has the name that it had

  @s1.p1.1.1
  Scenario: After a refusal the form still creates a project
    Given a platform admin has the projects page open
    And they have been refused a project without a name
    When they create a project with slug and name
    Then the project is stored all the same

  @s1.p1.1.1 @security
  Scenario: A person who is no admin cannot create a project
    Given a person who is no admin has the projects page open
    When they try to create a project in the console and by API
    Then the console does not let them
    And the API refuses them with 403 and "platform admin required"
    And no project is stored
