# language: en
@en @p1
Feature: Repositories of a project
  Two and more GitHub repositories belong to one project; their tokens are kept secret, their webhooks are kept right.

  @s1.p1.2.1 @security
  Scenario: Two repositories are attached to one project, their tokens kept secret
    Given a project and 2 test repositories that are attached to nothing
    When a platform admin attaches both in the console
    Then page, API and database have both under GitHub's own ids
    And their tokens are stored encrypted, no two alike
    And the platform's key makes the given token of each
    And the token can be read nowhere else

  @s1.p1.2.1
  Scenario Outline: A repository is refused: <reason>
    Given a project and 1 test repository that is attached to nothing
    When a platform admin attaches a repository in the console: <reason>
    Then the page shows that it is refused
    And no repository is stored and no webhook is touched
    And the token that was given can be read nowhere

    Examples:
      | reason                         |
      | it does not exist              |
      | the token has no rights on it  |
      | GitHub does not know the token |

  @s1.p1.2.1
  Scenario: After a refusal the form still attaches a repository
    Given a project and 1 test repository that is attached to nothing
    And a platform admin was refused a repository in the console: GitHub does not know the token
    When they attach the repository with the right token there
    Then the repository is attached all the same

  @s1.p1.2.1
  Scenario: The token of one repository is not used for the next
    Given a project and 2 test repositories that are attached to nothing
    And a platform admin has attached the first in the console
    When they come there with the second and a token that GitHub does not know
    Then the page shows that it is refused
    And the second is not attached

  @s1.p1.2.1
  Scenario: A token that GitHub does not know replaces none
    Given a project and 1 test repository that is attached to nothing
    And a platform admin has attached the repository
    When a platform admin attaches the repository again with a token that GitHub does not know
    Then the token that is stored for it stays

  @s1.p1.2.2
  Scenario: Attaching makes the webhook on each repository
    Given a project and 2 test repositories that are attached to nothing
    When a platform admin attaches both
    Then each has one webhook to the platform: active, JSON, with a secret, for the right events
    And the platform takes what GitHub signs for each webhook

  @s1.p1.2.2
  Scenario: Attaching brings a webhook that is there already up to date
    Given a project and 1 test repository that is attached to nothing
    And the repository has another webhook to the platform's address
    When a platform admin attaches the repository
    Then that very webhook is active, JSON, with a secret, for the right events
    And the platform takes what GitHub signs for each webhook

  @s1.p1.2.2
  Scenario: Attaching gives the platform's secret to a webhook that looks right already
    Given a project and 1 test repository that is attached to nothing
    And the repository has a webhook to the platform that is right in all but its secret
    When a platform admin attaches the repository
    Then that very webhook is active, JSON, with a secret, for the right events
    And the platform takes what GitHub signs for each webhook

  @s1.p1.2.2
  Scenario: Attaching again makes no second webhook
    Given a project and 1 test repository that is attached to nothing
    And a platform admin has attached the repository
    And somebody has spoilt its webhook to the platform since
    When a platform admin attaches the repository again
    Then the project has the repository once
    And the repository has one webhook to the platform, right again unless that was refused

  @s1.p1.2.1
  Scenario: A repository of one project is never in two
    Given a project and 1 test repository that is attached to nothing
    And a platform admin has attached the repository
    When a platform admin attaches the repository to another project
    Then the repository is in that project or refused there, as the answer says

  @s1.p1.2.2
  Scenario: A delivery from an attached repository starts a run in its project
    Given a project and 1 test repository that is attached to nothing
    And a platform admin has attached the repository
    When GitHub delivers a "push" event from that repository
    Then the run belongs to the project of the repository
    And the API tells the same
    And the run succeeds

  @s1.p1.2.2
  Scenario: Detaching removes a repository and its webhook, and no other
    Given a project and 2 test repositories that are attached to nothing
    And a platform admin has attached both
    When a platform admin detaches the first
    Then the project no longer has the first, and still has the other
    And its webhook to the platform is gone, that of the other is there

  @s1.p1.2.2
  Scenario Outline: A member who may write attaches a repository: <role>
    Given a project and 1 test repository that is attached to nothing
    And a member with the role <role> in that project
    When that member attaches the repository
    Then the project has the repository once
    And the repository has one webhook to the platform

    Examples:
      | role       |
      | read_write |
      | admin      |

  @s1.p1.2.2
  Scenario: A member who may write detaches a repository
    Given a project and 2 test repositories that are attached to nothing
    And a platform admin has attached both
    And a member who may write in that project
    When that member detaches the first
    Then the project no longer has the first, and still has the other
    And its webhook to the platform is gone, that of the other is there

  @s1.p1.2.2
  Scenario: Who may only read detaches nothing, and the webhook stays
    Given a project and 1 test repository that is attached to nothing
    And a platform admin has attached the repository
    When a member who may only read tries to detach the repository
    Then the project has the repository once
    And the repository has one webhook to the platform

  @s1.p1.2.2
  Scenario: Who may only read attaches nothing, and no webhook is made
    Given a project and 1 test repository that is attached to nothing
    When a member who may only read tries to attach the repository
    Then no repository is stored and no webhook is touched

  @s1.p1.2.2
  Scenario: A repository is detached also where GitHub no longer takes its token
    Given a repository of a project whose token GitHub no longer takes
    When a platform admin detaches that repository
    Then the project does not have it any more

  @s1.p1.2.2
  Scenario: A repository is detached also where feedback names it
    Given a repository of a project whose token GitHub no longer takes
    And feedback of a run names that repository
    When a platform admin detaches that repository
    Then the project does not have it any more
    And the run still has that feedback

  @s1.p1.2.2
  Scenario: Deleting a project removes the webhooks of its repositories
    Given a project and 2 test repositories that are attached to nothing
    And the first has a webhook of somebody else's, which leads elsewhere
    And a platform admin has attached both
    When the platform owner deletes the project
    Then the webhooks of its repositories to the platform are gone
    And the webhook of somebody else's is as it was

  @s1.p1.2.2
  Scenario: An admin who is not the owner deletes no project, and the webhook stays
    Given a project and 1 test repository that is attached to nothing
    And a platform admin has attached the repository
    When a platform admin who is not the owner tries to delete the project
    Then the project has the repository once
    And the repository has one webhook to the platform

  @s1.p1.2.2
  Scenario: One webhook that cannot be removed does not keep a project or its other webhooks
    Given a project and 2 test repositories that are attached to nothing
    And the project has a repository whose token GitHub no longer takes
    And a platform admin has attached both
    And the project has another repository whose token GitHub no longer takes
    When the platform owner deletes the project
    Then the webhooks of its repositories to the platform are gone

  @s1.p1.2.2
  Scenario: A delivery from a repository that was renamed starts a run in its project
    Given a repository that was renamed since it was attached to a project
    When a "push" event of it comes in under the new name
    Then the run belongs to the project of the repository
    And the API tells the same

  @s1.p1.2.2
  Scenario: A repository that was moved to another project has its runs there
    Given a repository that is attached to a project and has had a run there
    When it is moved to another project and its next event comes in
    Then the run belongs to the project that the repository has now
    And the learning mode of the run is that of this project

  @s1.p1.2.2
  Scenario: A repository that was detached has its runs in the project of its name
    Given a repository that is attached to a project and has had a run there
    When it is detached and its next event comes in
    Then the run belongs to the project that the repository has now
    And the learning mode of the run is that of this project

  @s1.p1.2.2
  Scenario: Other webhooks of a repository are left alone
    Given a project and 1 test repository that is attached to nothing
    And the repository has a webhook of somebody else's, which leads elsewhere
    When a platform admin attaches the repository and detaches it again
    Then the webhook of somebody else's is as it was
    And the platform's webhook is gone from the repository

  @s1.p1.2.2
  Scenario: A repository is detached with its own token, whatever its neighbours' are
    Given a project and 1 test repository that is attached to nothing
    And the project has a repository whose token GitHub no longer takes
    And a platform admin has attached the repository
    And the project has another repository whose token GitHub no longer takes
    When a platform admin detaches the repository
    Then the platform's webhook is gone from the repository

  @s1.p1.2.2
  Scenario: A repository is detached also where its webhook was removed by hand
    Given a project and 1 test repository that is attached to nothing
    And a platform admin has attached the repository
    And somebody has removed its webhook to the platform since
    When a platform admin detaches the repository
    Then the project no longer has the repository
