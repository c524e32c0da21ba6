# language: en
@en
Feature: The webhook receiver bears odd deliveries
  Whatever comes to a public address is refused or recorded, leaves nothing half done,
  and does not stop the next honest delivery.

  @security @s1.boundary.receiver
  @allure.link.CVE-2023-50728:https://nvd.nist.gov/vuln/detail/CVE-2023-50728
  @allure.link.GHSA-pwfr-8pq7-x9qv:https://github.com/advisories/GHSA-pwfr-8pq7-x9qv
  Scenario: A forged signature line before the right one has one outcome
    Given the gateway runs and takes honest deliveries
    When a delivery comes with a forged signature line before the right one
    Then it is refused with 401 or recorded once, nothing between
    And the gateway has not restarted and takes the next delivery

  @security @s1.boundary.receiver
  @allure.link.CVE-2023-50728:https://nvd.nist.gov/vuln/detail/CVE-2023-50728
  @allure.link.GHSA-pwfr-8pq7-x9qv:https://github.com/advisories/GHSA-pwfr-8pq7-x9qv
  Scenario: A forged signature line after the right one has one outcome
    Given the gateway runs and takes honest deliveries
    When a delivery comes with a forged signature line after the right one
    Then it is refused with 401 or recorded once, nothing between
    And the gateway has not restarted and takes the next delivery

  @security @s1.boundary.receiver
  @allure.link.github-plugin-242:https://github.com/jenkinsci/github-plugin/issues/242
  Scenario: Text of every alphabet survives
    Given the gateway runs and takes honest deliveries
    When a delivery comes with Cyrillic, emoji, line separators and markup in its text
    Then it is accepted and its run is recorded
    And the payload on record has the very same text

  @security @s1.boundary.receiver
  Scenario: A captured delivery under another id is a new run, as the contract has it
    Given the gateway runs and takes honest deliveries
    When a captured delivery comes again under another delivery id
    Then each id has a run of its own, as the contract has it
    And what a gate cannot judge here is put on record

  @security @s1.boundary.receiver
  Scenario: A body of exactly 1 MiB is accepted
    Given the gateway runs and takes honest deliveries
    When a rightly signed body of exactly 1 MiB comes
    Then the body is accepted and its run is recorded
    And the payload on record has the very same text

  @security @s1.boundary.receiver
  @allure.link.GHSA-jcc8-g2q4-9fxq:https://github.com/advisories/GHSA-jcc8-g2q4-9fxq
  Scenario: A body over 1 MiB in pieces of unknown length is refused
    Given the gateway runs and takes honest deliveries
    When a rightly signed body over 1 MiB comes in pieces of unknown length
    Then the body is refused for its size and nothing is recorded
    And the gateway itself refuses such a body as well
    And the gateway has not restarted and takes the next delivery

  @security @s1.boundary.receiver
  @allure.link.CVE-2024-40634:https://nvd.nist.gov/vuln/detail/CVE-2024-40634
  @allure.link.GHSA-jcc8-g2q4-9fxq:https://github.com/advisories/GHSA-jcc8-g2q4-9fxq
  Scenario: A body of 25 MB is refused at once
    Given the gateway runs and takes honest deliveries
    When a rightly signed body of 25 MB comes
    Then the body is refused for its size and nothing is recorded
    And the refusal comes at once
    And the gateway itself does not wait for the rest of such a body
    And the gateway has not restarted and takes the next delivery

  @security @s1.boundary.receiver
  @allure.link.CVE-2024-40634:https://nvd.nist.gov/vuln/detail/CVE-2024-40634
  Scenario: The size of a body is judged before its signature
    Given the gateway runs and takes honest deliveries
    When a body over 1 MiB comes with a forged signature
    Then the body is refused for its size and nothing is recorded
    And the gateway itself judges the size before the signature
    And the gateway has not restarted and takes the next delivery

  @security @s1.boundary.receiver
  Scenario Outline: A compressed body that is <signed> signed is not unpacked
    Given the gateway runs and takes honest deliveries
    When a compressed body comes that would unpack to many megabytes, <signed> signed
    Then it is refused with 400 or 401 and nothing is recorded
    And the gateway has not restarted and takes the next delivery

    Examples:
      | signed  |
      | rightly |
      | wrongly |

  @security @s1.boundary.receiver
  @allure.link.argo-cd-23024:https://github.com/argoproj/argo-cd/issues/23024
  @allure.link.argo-cd-24862:https://github.com/argoproj/argo-cd/issues/24862
  Scenario Outline: Rightly signed deliveries with <bodies> do no harm
    Given the gateway runs and takes honest deliveries
    When rightly signed deliveries come with <bodies>
    Then each is accepted or refused with 400
    And the gateway has not restarted and takes the next delivery
    And the worker begins the run of an honest delivery that came after them

    Examples:
      | bodies                   |
      | truncated JSON           |
      | JSON that is no object   |
      | ten thousand levels      |
      | the same key twice       |
      | fields of the wrong type |
      | fields left out          |
      | a null character         |

  @security @s1.boundary.receiver
  Scenario: Rightly signed JSON with something after it is refused
    Given the gateway runs and takes honest deliveries
    When rightly signed deliveries come with something after their JSON
    Then each is refused as no JSON and nothing is recorded
    And the gateway has not restarted and takes the next delivery

  @security @s1.boundary.receiver
  Scenario: White space around the JSON of a delivery does no harm
    Given the gateway runs and takes honest deliveries
    When rightly signed deliveries come with white space around their JSON
    Then it is accepted and its run is recorded
    And the payload on record has the very same text

  @security @s1.boundary.receiver
  Scenario: A delivery over plain http has no effect
    Given the gateway runs and takes honest deliveries
    When an honest delivery comes over plain http
    Then it is only sent to https and nothing is recorded

  @security @s1.boundary.receiver
  Scenario: A rightly signed form is refused
    Given the gateway runs and takes honest deliveries
    When a rightly signed form comes instead of JSON
    Then it is refused with 400 for the field "body" and nothing is recorded

  @security @s1.boundary.receiver
  Scenario Outline: A delivery id of <kind> is refused or kept as it came
    Given the gateway runs and takes honest deliveries
    When a delivery comes under an id of <kind>
    Then it is refused, or recorded under exactly that id
    And the gateway has not restarted and takes the next delivery

    Examples:
      | kind                       |
      | ten thousand characters    |
      | quotes and semicolons      |
      | letters of other alphabets |
      | encoded line ends          |

  @security @s1.boundary.receiver
  Scenario: Unknown event names of a stranger do not grow the metrics
    Given the gateway runs and takes honest deliveries
    When unsigned deliveries come with event names that nobody knows
    Then every unsigned delivery is refused and nothing is recorded
    And the metrics can still be read and have not grown with the names
    And the gateway has not restarted and takes the next delivery

  @security @s1.boundary.receiver
  Scenario Outline: Of <faults> in one delivery the platform tells the first
    Given the gateway runs and takes honest deliveries
    When a delivery comes with two faults: <faults>
    Then it is refused with <status> because of "<told>" and nothing is recorded

    Examples:
      | faults                           | status | told                      |
      | neither id nor event             | 400    | X-GitHub-Delivery         |
      | no id and a forged signature     | 400    | X-GitHub-Delivery         |
      | no event and no signature        | 400    | X-GitHub-Event            |
      | no signature and more than 1 MiB | 401    | missing webhook signature |
      | a forged signature and no JSON   | 401    | invalid webhook signature |

  @security @s1.boundary.receiver
  Scenario: The metrics count deliveries by their outcome
    Given the gateway runs and takes honest deliveries
    When the gateway gets an honest delivery, its replay and a forged one
    Then its metrics have counted what was accepted and its duplicate, and their time
