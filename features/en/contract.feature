# language: en
@en @p1
Feature: The contract between the platform and its users
  What scripts and people rely on beside the lines of the gate document: the form of the API, the promises of the tables.

  @s1.contract.api
  Scenario Outline: A list with the limit <limit> is refused
    Given a project and a person of every role in it
    And a run of that project has ended with feedback
    When a platform admin asks for every list with the limit "<limit>", and a member for theirs
    Then each is refused with 400 for the field "limit"

    Examples:
      | limit |
      | 0     |
      | -1    |
      | 1.5   |
      | many  |

  @s1.contract.api
  Scenario: A list keeps to its limit
    Given a project and a person of every role in it
    And a run of that project has ended with feedback
    When a platform admin asks for every list with the limit "1"
    Then each list has no more than 1

  @s1.contract.api
  Scenario: A list is as long as is asked for
    Given a project and a person of every role in it
    And a run of that project has ended with feedback
    And many more runs are on record
    When a platform admin and a member ask for the runs with the limit "1000"
    Then as many runs are told as are on record, up to the limit

  @s1.contract.api
  Scenario: A project that does not exist is an error of the question
    Given a project and a person of every role in it
    When a platform admin asks for a project that does not exist
    Then each is refused with 400 for the field "project_id"

  @s1.contract.api
  Scenario: A malformed question is refused, or answered
    Given a project and a person of every role in it
    When a platform admin asks for a project by a word and for lists longer than numbers are
    Then each is refused with 400 or 404, or answered with a list

  @s1.contract.api
  Scenario: What the API does not have is answered without a word
    Given a project and a person of every role in it
    When a platform admin asks for addresses that the API does not have
    Then each is answered with an empty 404 or 405

  @s1.contract.api
  Scenario Outline: The list of <things> tells what the contract promises
    Given a project and a person of every role in it
    When a platform admin asks for the list of <things>
    Then every item has the fields of the contract

    Examples:
      | things       |
      | projects     |
      | members      |
      | repositories |
      | users        |
      | runs         |
      | events       |

  @s1.contract.api
  Scenario: What the API tells of a run is what is on record
    Given a project and a person of every role in it
    And a run of that project has ended with feedback
    When a platform admin asks for the run, its events and its feedback
    Then everything is told as it is on record

  @s1.contract.api
  Scenario: A run that belongs to no project is told like any other
    Given a project and a person of every role in it
    And a run that belongs to no project
    When a platform admin asks for that run, its events and its feedback
    Then each is told, as it is on record
    And whoever is no platform admin gets no word of that run

  @s1.contract.api
  Scenario: A project that is made several times at once is one project
    When a platform admin makes the same project several times at once
    Then it is one project, and none of these is an error

  @s1.contract.api
  Scenario: Somebody who is allowed several times at once is one person
    When a platform admin allows the same person several times at once
    Then it is one person, and none of these is an error

  @s1.contract.api
  Scenario: Somebody who is allowed twice is one person
    Given a project and a person of every role in it
    When a platform admin allows somebody again, in capitals and as an admin
    Then it is still the same one person, now an admin

  @s1.contract.api
  Scenario: An admin who is allowed again as no admin loses an admin's rights
    Given a project and a person of every role in it
    And somebody has come in as a platform admin
    When they are allowed again, as no admin
    Then what is for platform admins is refused to them

  @s1.contract.api
  Scenario: A role that is given anew leaves a member's learning as it was
    Given a project and a person of every role in it
    And a platform admin has switched a member's learning on
    When a platform admin gives that member a lower role
    Then the member has that role, and learning as before

  @s1.contract.api
  Scenario: The slug of a deleted project is free again
    Given the platform owner has deleted a project
    When a platform admin makes a project with its slug
    Then it is a new project
    And its learning is the server's default again

  @s1.contract.api
  Scenario: A role is given by an e-mail in capitals as in small letters
    Given a project and a person of every role in it
    When the platform owner gives roles by e-mail: to a member in capitals, to whoever has none in small letters
    Then each of them has that role

  @s1.contract.api
  Scenario: A role that does not exist is refused
    Given a project and a person of every role in it
    When a member is given a role that does not exist, by their id and by their e-mail, and a stranger by theirs
    Then what was asked for the member is refused with 400 as an invalid argument
    And the member's role is what it was
    And the stranger is refused as well, and is still not allowed

  @s1.contract.api
  Scenario: A setting of learning makes nobody a member
    Given a project and a person of every role in it
    When a platform admin sets the learning of somebody who has no role there
    Then they still have none

  @s1.contract.data @read-only
  Scenario Outline: Table <table> has its columns
    Given the database can be read
    When the table <table> is looked at
    Then it has the columns of the contract

    Examples:
      | table             |
      | agent_runs        |
      | flow_events       |
      | slots             |
      | users             |
      | projects          |
      | project_members   |
      | repositories      |
      | learning_feedback |
      | goose_db_version  |

  @s1.contract.data @read-only
  Scenario Outline: Table <table> takes nothing twice
    Given the database can be read
    When the table <table> is looked at
    Then the database keeps it from taking the same twice

    Examples:
      | table           |
      | agent_runs      |
      | slots           |
      | users           |
      | projects        |
      | project_members |
      | repositories    |

  @s1.contract.data @read-only
  Scenario: No row breaks the rules of its table
    Given the database can be read
    When the rows of all tables are looked at
    Then every value is one that the contract knows, and there is one owner at most
    And runs go with their project
    And events are tied to no other table
    And the owner that the deploy names is the platform's owner

  @s1.contract.api
  Scenario: A role that is given several times at once is one role
    When a platform admin gives somebody the same role several times at once
    Then they have it once, and none of these is an error
