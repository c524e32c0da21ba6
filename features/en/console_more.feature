# language: en
@en @p1
Feature: Further pages of the staff console
  Beside the pages that everybody starts from: a project's own page, its members, the form that allows people.

  @s1.contract.console
  Scenario: A project's own page names it
    Given a project and a person of every role in it
    When a platform admin opens the project's own page
    Then it names the project and leads to its repositories and members

  @s1.contract.console
  Scenario: A member's role and learning are changed in the console
    Given a project and a person of every role in it
    When a platform admin changes the role and the learning of a member in the console
    Then both are stored, and nothing of the other members is changed
    And the page shows both, at once and when it is loaded again

  @s1.contract.console
  Scenario: A member's learning is inherited again in the console
    Given a project and a person of every role in it
    And a platform admin has switched a member's learning off in the console
    When they set it back to inherit there
    Then the member's learning is stored as inherited, and nothing else is changed

  @s1.contract.console
  Scenario: A role that is changed alone in the console leaves the learning as it is
    Given a project and a person of every role in it
    And a platform admin has switched a member's learning off in the console
    When they give that member another role there and nothing else
    Then the member's role alone is changed

  @s1.contract.console
  Scenario Outline: Somebody is allowed in the console as <what>
    When a platform admin allows somebody in the console as <what>
    Then that person stands in the table and is stored as that
    And the gateway lets that person in

    Examples:
      | what                          |
      | somebody without admin rights |
      | a platform admin              |

  @s1.contract.console
  Scenario Outline: Someone without a role reads on <page> that there is nothing yet
    Given a project and a person of every role in it
    When the one without a role opens the <page> page
    Then the page says in its own words that there is nothing yet

    Examples:
      | page     |
      | Projects |
      | Runs     |

  @s1.contract.console
  Scenario: A project without repositories says that there are none yet
    When a platform admin opens the repositories of a new project
    Then the page says in its own words that there is nothing yet

  @s1.contract.console
  Scenario: A run that belongs to no project has its page
    Given a run that belongs to no project
    When a platform admin opens the page of that run in the console
    Then the page names that run and its delivery

  @s1.contract.console
  Scenario: Someone with a role in a project finds it in the console
    Given a project and a person of every role in it
    And a run of that project has ended with feedback
    When someone who may only read the project comes to the console
    Then they find their project there, no other, and its run
    And the page of that run tells them all that is told of it

  @s1.contract.console
  Scenario Outline: Someone without a role who opens <page> is told that it is not theirs to see
    Given a project and a person of every role in it
    And a run of that project has ended with feedback
    When the one without a role opens <page> by its address
    Then the console shows them an error or another page, and not mere emptiness

    Examples:
      | page                 |
      | Run Details          |
      | Project Repositories |

  @s1.contract.console
  Scenario Outline: The page <page> is not called empty when nobody knows that
    Given a project and a person of every role in it
    When a platform admin opens <page> while the API fails
    Then the page does not say that there is nothing, unless it tells of an error as well
    And once the API works, the page is shown as ever

    Examples:
      | page                 |
      | Projects             |
      | Project Repositories |
      | Runs                 |

  @s1.contract.console
  Scenario: The flag in the header changes the language for good
    Given a project and a person of every role in it
    When a platform admin presses the flag of the other language
    Then the page, its header and every other page are in the other language, also when loaded again

  @s1.contract.console
  Scenario: Until somebody chooses a language the console speaks English
    When a platform admin whose browser speaks Russian opens the console for the first time
    Then the page is in English

  @s1.contract.console
  Scenario: The owner deletes a project in the console
    When the platform owner deletes a project in the console
    Then that project is gone, and no other was asked for

  @s1.contract.console
  Scenario: The owner deletes in the console a project that nobody made by hand
    When the platform owner deletes in the console a project that was derived from a repository
    Then that project is gone, and no other was asked for

  @s1.contract.console
  Scenario: Who is not the owner is not offered to delete a project
    Given a project and a person of every role in it
    When those who are not the owner open the project's own page
    Then none of them is offered Delete

  @s1.contract.console
  Scenario: A run of which nothing is told yet says so
    When a platform admin opens a run without events in the console
    Then the page says in its own words that there are no events and no feedback

  @s1.contract.console
  Scenario Outline: The page <page> speaks the chosen language throughout
    Given a project and a person of every role in it
    When a platform admin reads the page <page>
    Then its form, labels, buttons and links are in the chosen language

    Examples:
      | page                 |
      | Projects             |
      | Project Details      |
      | Project Repositories |
      | Project Members      |
      | Runs                 |
      | Users                |

  @s1.contract.console
  Scenario Outline: Times are right also where clocks are <so far>
    Given a platform admin is at the console, where clocks are <so far>
    And the platform has runs, new ones among them
    When they open the Runs page by its address
    Then its rows agree with the database

    Examples:
      | so far                                   |
      | three and a half hours behind Greenwich  |
      | five and a half hours ahead of Greenwich |
