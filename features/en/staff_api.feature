# language: en
@en
Feature: The staff API gives everyone what their role allows
  The console hides what a person may not do; the API behind it must refuse it as well.

  @security @s1.boundary.roles
  Scenario Outline: Only those who may can <act>
    Given a project and a person of every role in it
    When each of them tries to <act>
    Then only those who may are let do it, the others get 403
    And nothing is changed by those who were refused
    And what the others did has happened, and nothing beside it

    Examples: Members of the project
      | act                  |
      | see a project        |
      | see its repositories |
      | attach a repository  |
      | detach a repository  |

    Examples: Platform admins
      | act                        |
      | see its members            |
      | give somebody a role       |
      | set a member's learning    |
      | set their own learning     |
      | rename a project           |
      | see who is allowed         |
      | allow somebody             |
      | take somebody off the list |

    Examples: The platform owner, or nobody
      | act                          |
      | give a role by e-mail        |
      | take a role away             |
      | delete a project             |
      | take an admin off the list   |
      | take themselves off the list |
      | take their own role away     |

  @security @s1.boundary.roles
  Scenario: Everyone's lists hold what they have a role in
    Given a project and a person of every role in it
    When each of them lists the projects and the runs
    Then everyone sees the projects that they have a role in, under that role, and no others
    And nobody sees a run of a project that they have no role in

  @security @s1.boundary.roles
  Scenario: What is others' takes no place in anybody's lists
    Given a project and a person of every role in it
    And a run of that project has ended with feedback
    When each of them lists one project and one run, and others have newer ones
    Then everyone with a role in the project is shown it, and a run of it

  @security @s1.boundary.roles
  Scenario: Whoever loses a role loses what it let them see
    Given a project and a person of every role in it
    And a run of that project has ended with feedback
    When the platform owner takes a member's role away
    Then the project is closed to that member

  @security @s1.boundary.roles
  Scenario: A right in one project is none in another
    Given a project and a person of every role in it
    When a writer of the project asks it to detach a repository of another project
    Then the other project keeps its repository

  @security @s1.boundary.roles
  Scenario: Whoever has a role in two projects has in each what that role gives
    Given a project and a person of every role in it
    And whoever may only read it leads another project
    And each of the two projects has a run
    When they ask the project to attach and to detach a repository
    Then they are refused as anybody is who may only read
    And their list has both projects, each under its own role
    And they are told of the runs of both

  @security @s1.boundary.roles
  Scenario: A platform admin with a low role in a project is still an admin there
    Given a project and a person of every role in it
    And a platform admin has the role to read it
    When they ask the project to attach and to detach a repository
    Then they are let do it as any platform admin is
    And their list has the projects of others as well

  @security @s1.boundary.roles
  Scenario: A run is told to those who have a role in its project and to nobody else
    Given a project and a person of every role in it
    And a run of that project has ended with feedback
    When each of them asks for the run, its events and its feedback
    Then those with a role in its project are told, the others get no word of it

  @security @s1.boundary.roles
  Scenario: Whoever is given another role may do what that one gives, and no more
    Given a project and a person of every role in it
    And a member who may write is let detach a repository
    When a platform admin gives that member a lower role
    Then detaching a repository is refused to them
    And it is not refused any more once they have their old role again
