# language: en
@en
Feature: Learning mode
  Whether a run explains itself to people is decided when its event comes in: the project has a default,
  a member may override it for what they send. The explanations are for those who have a role in the project.

  @p1 @s1.p1.3.1
  Scenario Outline: Repository <repository>, default <default>, member's own <override>, sent by <sender>: learning is <mode>
    Given a repository that is <repository> and whose project has learning <default> by default
    And a member of the project whose own learning is <override>
    When an event of the repository is sent by <sender>
    Then the run has learning <mode>

    Examples: Repository attached, learning on by default
      | repository | default | override  | sender                      | mode |
      | attached   | on      | inherited | the member                  | on   |
      | attached   | on      | inherited | the member in another case  | on   |
      | attached   | on      | inherited | nobody known                | on   |
      | attached   | on      | inherited | a member of another project | on   |
      | attached   | on      | on        | the member                  | on   |
      | attached   | on      | on        | the member in another case  | on   |
      | attached   | on      | on        | nobody known                | on   |
      | attached   | on      | on        | a member of another project | on   |
      | attached   | on      | off       | the member                  | off  |
      | attached   | on      | off       | the member in another case  | off  |
      | attached   | on      | off       | nobody known                | on   |
      | attached   | on      | off       | a member of another project | on   |

    Examples: Repository attached, learning off by default
      | repository | default | override  | sender                      | mode |
      | attached   | off     | inherited | the member                  | off  |
      | attached   | off     | inherited | the member in another case  | off  |
      | attached   | off     | inherited | nobody known                | off  |
      | attached   | off     | inherited | a member of another project | off  |
      | attached   | off     | on        | the member                  | on   |
      | attached   | off     | on        | the member in another case  | on   |
      | attached   | off     | on        | nobody known                | off  |
      | attached   | off     | on        | a member of another project | off  |
      | attached   | off     | off       | the member                  | off  |
      | attached   | off     | off       | the member in another case  | off  |
      | attached   | off     | off       | nobody known                | off  |
      | attached   | off     | off       | a member of another project | off  |

    Examples: Repository not attached, learning on by default
      | repository   | default | override  | sender                      | mode |
      | not attached | on      | inherited | the member                  | on   |
      | not attached | on      | inherited | the member in another case  | on   |
      | not attached | on      | inherited | nobody known                | on   |
      | not attached | on      | inherited | a member of another project | on   |
      | not attached | on      | on        | the member                  | on   |
      | not attached | on      | on        | the member in another case  | on   |
      | not attached | on      | on        | nobody known                | on   |
      | not attached | on      | on        | a member of another project | on   |
      | not attached | on      | off       | the member                  | off  |
      | not attached | on      | off       | the member in another case  | off  |
      | not attached | on      | off       | nobody known                | on   |
      | not attached | on      | off       | a member of another project | on   |

    Examples: Repository not attached, learning off by default
      | repository   | default | override  | sender                      | mode |
      | not attached | off     | inherited | the member                  | off  |
      | not attached | off     | inherited | the member in another case  | off  |
      | not attached | off     | inherited | nobody known                | off  |
      | not attached | off     | inherited | a member of another project | off  |
      | not attached | off     | on        | the member                  | on   |
      | not attached | off     | on        | the member in another case  | on   |
      | not attached | off     | on        | nobody known                | off  |
      | not attached | off     | on        | a member of another project | off  |
      | not attached | off     | off       | the member                  | off  |
      | not attached | off     | off       | the member in another case  | off  |
      | not attached | off     | off       | nobody known                | off  |
      | not attached | off     | off       | a member of another project | off  |

  @p1 @s1.p1.3.1
  Scenario: Without a project the server's default decides
    Given a repository of which there is no project yet
    When an event of the repository is sent by nobody known
    Then the run has the server's default learning mode

  @p1 @s1.p1.3.1
  Scenario: Without a repository the server's default decides
    When an event that names no repository is sent
    Then the run has the server's default learning mode

  @p1 @s1.p1.3.1
  Scenario: An override that is taken back inherits the project's default again
    Given a repository that is attached and whose project has learning off by default
    And a platform admin has switched the learning of a member on
    And the admin has taken that override back
    When an event of the repository is sent by the member
    Then the run has learning off

  @p1 @s1.p1.3.1
  Scenario: The override of a member who is a platform admin counts like anybody's
    Given a repository that is attached and whose project has learning off by default
    And a platform admin has switched the learning of a member on
    And that member has become a platform admin as well
    When an event of the repository is sent by the member
    Then the run has learning on

  @p1 @s1.p1.3.1
  Scenario: The override of a member without a GitHub login counts for nobody
    Given a repository that is attached and whose project has learning off by default
    And a member whose GitHub login is not known has learning on
    When an event of the repository comes that names no sender
    Then the run has learning off

  @p1 @s1.p1.3.1
  Scenario: A project's default counts as it stands when an event comes in
    Given a repository that is attached and whose project has learning off by default
    And an event of the repository was sent by nobody known
    And the project's learning by default was then switched on
    When an event of the repository is sent by nobody known
    Then the run has learning on

  @p1 @s1.p1.3.1
  Scenario: A replay does not decide the learning mode anew
    Given a repository that is attached and whose project has learning off by default
    And a platform admin has switched the learning of a member on
    And an event of the repository was sent by the member
    And the admin has taken that override back
    When GitHub delivers that event of the repository once more
    Then the run has learning on

  @p1 @s1.p1.3.1
  Scenario: An override that is taken back before the run begins still counts for it
    Given a repository that is attached and whose project has learning off by default
    And a platform admin has switched the learning of a member on
    When the member sends an event of the repository and loses the override before its run begins
    Then the run has learning on

  @p1 @s1.p1.3.1
  Scenario: What was decided when the event came in is not decided anew by the worker
    When events of repositories with learning on and off by default come in
    Then each run still has the learning that was right when its event came in
    And each project still has the default that it had

  @p1 @s1.p1.3.2
  Scenario: A run with learning mode leaves feedback after its end, one without leaves none
    When an event of a repository with learning and one of a repository without come in
    Then the run with learning leaves inline feedback with an explanation, not before its end
    And the run without learning leaves none

  @p1 @s1.p1.3.2
  Scenario: A run with learning mode that fails leaves feedback as well
    When an event of a repository with learning comes in and the Job of its run is deleted
    Then the run with learning leaves inline feedback with an explanation, not before its end

  @p1 @s1.p1.3.2
  Scenario: A run with learning mode whose Job fails leaves feedback as well
    When an event of a repository with learning comes in and the Job of its run fails
    Then the run with learning leaves inline feedback with an explanation, not before its end

  @p1 @s1.p1.3.2
  Scenario: A run with learning mode of a repository that is not attached leaves feedback as well
    When an event of a repository with learning that is attached to nothing comes in
    Then the run with learning leaves inline feedback with an explanation, not before its end

  @p1 @s1.p1.3.2
  Scenario: A run with learning mode about no repository leaves feedback as well
    When an event with learning that names no repository comes in
    Then the run with learning leaves inline feedback with an explanation, not before its end

  @p1 @s1.p1.3.2
  Scenario: Two runs of one repository each leave feedback
    When two events of a repository with learning come in at once
    Then each of the two runs leaves feedback of its own

  @p1 @s1.p1.3.3
  Scenario: The console shows a run's events and its learning feedback
    When a platform admin opens a run with learning in the console
    Then the page shows the events of the run in their order
    And the page shows the kind and the text of its feedback

  @p1 @s1.p1.3.3
  Scenario: The console shows all feedback of a run as it was written
    Given a project and a person of every role in it
    And a run of that project has ended with feedback
    When a platform admin opens that run in the console
    Then the page shows every feedback, its kind and its text as it was written
    And the text of its events can be read as it was written

  @p1 @s1.p1.3.3
  Scenario: The console shows the feedback of a run whose repository is attached to nothing
    When a platform admin opens in the console a run with learning whose repository is attached to nothing
    Then the page shows the kind and the text of its feedback

  @p1 @s1.p1.3.3
  Scenario: The console shows the feedback of a run that failed
    When a platform admin opens in the console a run with learning that has failed
    Then the page shows the kind and the text of its feedback

  @p1 @s1.p1.3.3
  Scenario: The console says that a run has no learning feedback
    When a platform admin opens a run without learning in the console
    Then the page says in its own words that there is no learning feedback

  @p1 @s1.p1.3.3
  Scenario: Someone without a role in the project is told nothing of its run
    When someone without a role in its project opens a run with learning in the console
    Then neither the console nor the API tells them anything of the run
    And with a role in the project they are told

  @p1 @s1.p1.3.2
  Scenario: A run with learning mode for which no Job can be created leaves feedback as well
    When a run with learning gets its slot only once a Job under its name is in the cluster
    Then the run with learning leaves inline feedback with an explanation, not before its end

  @p1 @s1.p1.3.2
  Scenario: A run with learning mode that an earlier worker began leaves feedback as well
    When a run with learning is at work which a worker before this one began
    Then the run with learning leaves inline feedback with an explanation, not before its end

  @p1 @s1.p1.3.1
  Scenario: The override of a member who has left the project counts no more
    Given a repository that is attached and whose project has learning off by default
    And a platform admin has switched the learning of a member on
    And the platform owner has taken that member out of the project
    When an event of the repository is sent by the member
    Then the run has learning off
