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
  Scenario: A run that has come meanwhile is found on the way back
    Given a platform admin has read the list of runs in the console and gone on to the projects
    When a delivery starts one more run
    Then they find it when they go back to the list

  @s1.contract.console
  Scenario: The repositories of a second project are its own
    Given a project and a person of every role in it
    When a platform admin reads its repositories and another project's in one visit to the console
    Then the page shows the other project's repositories, and none of the first

  @s1.contract.console
  Scenario: Who may write in a project is offered to attach a repository to it
    Given a project and a person of every role in it
    When someone who may write in it opens its repositories in the console
    Then they see its repositories and the form that attaches one more

  @s1.contract.console @security
  Scenario: When somebody else signs in with the same browser the console is theirs
    Given a platform admin has been at the console
    When a member who is no admin comes to it with the same browser
    Then the console names the member, and nothing of the admin stays
