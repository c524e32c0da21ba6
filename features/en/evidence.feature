# language: en
@en @evidence
Feature: Evidence for the release notes
  What the Owner wants to see with their own eyes before deciding.

  @s1.evidence.1
  Scenario: The platform's smoke script ends well
    Given it is known where the smoke script runs
    When the smoke script runs
    Then it ends with OK
    And its output, exit code and duration are kept for the release notes

  @s1.evidence.1
  Scenario: The platform's smoke script does not end well for a domain that is not there
    Given it is known where the smoke script runs
    When the smoke script runs for a domain that is not there
    Then it ends with an error, and not with OK

  @s1.evidence.2
  Scenario: The attaching of repositories is pictured
    Given a project and 2 test repositories that are attached to nothing
    When a platform admin goes from Projects to Repos and attaches them
    Then a picture "repos-attach" of the whole page is kept, with no secret in it

  @s1.evidence.2
  Scenario: The details of a run are pictured, with its events and feedback
    Given a run with learning feedback has ended
    When a platform admin goes from Runs to its Details
    Then its events and its feedback can be read there
    And a picture "run-details" of the whole page is kept, with no secret in it
