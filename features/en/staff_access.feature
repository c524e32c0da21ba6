# language: en
@en
Feature: Staff access
  People sign in through GitHub by way of oauth2-proxy. Whoever is on the platform's list is let in as who they are;
  whoever is not gets nothing, and so does whoever has not signed in.

  @p0 @s1.p0.3.1
  Scenario Outline: After signing in through GitHub, <person> is in the console as who they are
    Given <person> has no session at the staging
    When they sign in through GitHub
    Then they land in the console under their own name
    And the platform's API knows them as the same person
    And their GitHub login is on record

    Examples:
      | person                   |
      | a platform admin         |
      | a member who is no admin |

  @p0 @s1.p0.3.1 @security @read-only
  Scenario Outline: A browser without a session is asked to sign in at the <page> page
    Given nobody has signed in
    When the browser opens the <page> page
    Then it is asked to sign in and gets nothing of the console

    Examples:
      | page     |
      | Projects |
      | Runs     |
      | Users    |

  @p0 @s1.p0.3.1 @security
  Scenario Outline: An API client without a session learns nothing about <subject>
    Given nobody has signed in
    When an API client asks about <subject>
    Then the answer is 401 and has no data in it
    And a platform admin gets an answer to the same question

    Examples:
      | subject      |
      | who they are |
      | the projects |
      | the runs     |
      | the users    |

  @p0 @s1.p0.3.1 @security
  Scenario: Signing out ends the session in that browser
    Given a platform admin has signed in with a browser of their own
    When they sign out in the console
    Then the browser has lost every cookie of the session
    And the next page asks them to sign in

  @p0 @s1.p0.3.2 @security @read-only
  Scenario Outline: Someone who is not allowed is told so when they ask about <subject>
    Given a stranger has signed in at GitHub
    When they ask the API about <subject>
    Then the answer is 403 with code "forbidden" and message "email is not allowed", and nothing else

    Examples:
      | subject          |
      | who they are     |
      | the projects     |
      | the runs         |
      | the users        |
      | a project        |
      | its members      |
      | its repositories |
      | a run            |
      | its events       |
      | its feedback     |

  @p0 @s1.p0.3.2 @security
  Scenario Outline: Someone who is not allowed is refused when they try to <act>
    Given a stranger has signed in at GitHub
    When they ask the API to <act>
    Then the answer is 403 with code "forbidden" and message "email is not allowed", and nothing else
    And nothing of what was asked for is stored

    Examples:
      | act                        |
      | make a project             |
      | allow a person             |
      | give a role                |
      | attach a repository        |
      | change a member's learning |
      | take a role away           |
      | detach a repository        |
      | take a person off the list |

  @p0 @s1.p0.3.2 @security @read-only
  Scenario Outline: Someone who is not allowed sees the console's card and nothing else at <page>
    Given a stranger has signed in at GitHub
    When they open the console at <page>
    Then the console tells them that access is required and offers to sign in
    And the page shows them nothing of the platform
    And whoever takes that offer is led to the sign-in

    Examples:
      | page                 |
      | Projects             |
      | Runs                 |
      | Users                |
      | Project Details      |
      | Run Details          |
      | Project Repositories |
      | Project Members      |
