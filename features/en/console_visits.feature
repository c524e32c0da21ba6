# language: en
@en @p1
Feature: Visits to the staff console that lead over several pages
  A console loads once and then draws page after page: nothing of one may stay on the next.

  @s1.contract.console
  Scenario: The details of a second run are its own
    Given deliveries have started two runs
    When a platform admin reads both in one visit to the console
    Then the page names the second run and its delivery, and leads on from there

  @s1.contract.console
  Scenario: The events of a second run are its own, and so is its feedback
    When a platform admin reads a run with learning and then one without in one visit to the console
    Then the page shows the events of the run in their order
    And the page says in its own words that there is no learning feedback

  @s1.contract.console
  Scenario: Replays of a delivery are shown one by one
    Given a delivery has started a run and come again twice
    When a platform admin opens the page of its run in the console
    Then the page shows both replays

  @s1.contract.console
  Scenario: The browser's Back leads to the page before
    When a platform admin goes on from the projects to the runs in the console
    Then the browser's own Back shows the projects again, and Forward the runs

  @s1.contract.console
  Scenario: The flags change the language of a list as it stands, there and back
    When a platform admin presses the flag of the other language on the projects, and on the runs that of the first
    Then the runs are at once in the first language, their dates too, and so is the page that comes next

  @s1.contract.console
  Scenario: What was saved stays when the language is changed
    Given a project and a person of every role in it
    When a platform admin changes a member in the console and then presses the flag of the other language
    Then the page shows every member in that language as they are stored

  @s1.contract.console
  Scenario: What was chosen for one member and not saved is not saved with another
    Given a project and a person of every role in it
    When a platform admin chooses another role for one member, and changes and saves another in the console
    Then both are stored, and nothing of the other members is changed

  @s1.contract.console
  Scenario: Whoever is allowed after an admin is no admin
    When a platform admin allows an admin and then somebody else in one visit to the console
    Then that person stands in the table and is stored as that
    And the gateway lets that person in

  @s1.contract.console
  Scenario: A run that has come meanwhile is found on the way back
    Given a platform admin has read the list of runs in the console and gone on to the projects
    When a delivery starts one more run
    Then they find it when they go back to the list

  @s1.contract.console
  Scenario: A project that has come meanwhile is found on the way back
    Given a platform admin has read the list of projects in the console and gone on to the runs
    When a project is made meanwhile through the API
    Then they find that project when they go back to the projects

  @s1.contract.console
  Scenario: The repositories of a second project are its own
    Given a project and a person of every role in it
    When a platform admin reads its repositories and another project's in one visit to the console
    Then the page shows the other project's repositories, and none of the first

  @s1.contract.console
  Scenario: The members of a second project are its own
    Given a project and a person of every role in it
    When a platform admin reads its members and another project's in one visit to the console
    Then the page shows the other project's members, and nobody who is in the first alone

  @s1.contract.console
  Scenario: An answer that comes late does not take the place of a second run
    Given a delivery has started a run and come again twice
    And a delivery has started one more run
    When a platform admin leaves the first run before its page has its answers, and opens the second
    Then the page stays the second run's when the answers about the first come

  @s1.contract.console
  Scenario: Who may write in a project is offered to attach a repository to it
    Given a project and a person of every role in it
    When someone who may write in it opens its repositories in the console
    Then they see its repositories and the form that attaches one more

  @s1.contract.console
  Scenario: Who is an admin and not the owner has an admin's console
    Given a project and a person of every role in it
    When a platform admin who does not own the platform opens the console
    Then it offers them all that is an admin's

  @s1.contract.console @security
  Scenario: When somebody else signs in with the same browser the console is theirs
    Given a platform admin has been at the console
    When a member who is no admin comes to it with the same browser
    Then the console names the member, and nothing of the admin stays

  @s1.contract.console
  Scenario: The page of a run that is opened again tells what has come since
    Given deliveries have started two runs
    When a platform admin reads a run in the console, its delivery comes again, and they come back by the links
    Then the page shows the replay

  @s1.contract.console
  Scenario: The browser's Back leads right from one run to another
    Given a delivery has started a run and come again twice
    And a delivery has started one more run
    When a platform admin reads both in one visit to the console
    Then the browser's own Back over two pages shows the first run, and Forward the second

  @s1.contract.console
  Scenario: Somebody who is allowed twice in one visit stands in the table once
    When a platform admin allows somebody and then makes them an admin in one visit to the console
    Then that person stands in the table and is stored as that
    And the gateway lets that person in
