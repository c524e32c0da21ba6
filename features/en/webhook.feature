# language: en
@en
Feature: Webhook ingress
  GitHub reaches the platform without signing in, is believed only with a right signature,
  and may deliver the same thing twice without harm.

  @p0 @s1.p0.1.1
  Scenario Outline: An honest <event> delivery from outside starts a run
    Given GitHub is about to deliver a "<event>" event
    When it delivers the event
    Then the platform accepts it with 202 itself, without a detour through sign-in
    And the run that the answer names is recorded under the delivery id

    Examples:
      | event |
      | ping  |
      | push  |

    Examples: Any other type
      | event                       |
      | pull_request                |
      | issues                      |
      | issue_comment               |
      | pull_request_review         |
      | pull_request_review_comment |
      | gate_unheard_of             |

  @p0 @s1.p0.1.1
  Scenario: An honest delivery of a webhook that no app made starts a run
    Given GitHub is about to deliver a "push" event
    And the event comes from a webhook that no app made
    When it delivers the event
    Then the platform accepts it with 202 itself, without a detour through sign-in
    And the run that the answer names is recorded under the delivery id

  @p0 @s1.p0.1.1
  Scenario: An honest delivery about a public repository starts a run
    Given GitHub is about to deliver a "push" event
    And the event is about a public repository
    When it delivers the event
    Then the platform accepts it with 202 itself, without a detour through sign-in
    And the run that the answer names is recorded under the delivery id
    And the payload is kept as it came

  @p0 @s1.p0.1.1
  Scenario: An honest delivery that a bot caused starts a run
    Given GitHub is about to deliver a "push" event
    And the event was caused by a bot
    When it delivers the event
    Then the platform accepts it with 202 itself, without a detour through sign-in
    And the run that the answer names is recorded under the delivery id

  @p0 @s1.p0.1.1
  Scenario: A session that is no good does not keep a delivery out
    Given GitHub is about to deliver a "push" event
    When it delivers the event with a session cookie that is no good
    Then the platform accepts it with 202 itself, without a detour through sign-in
    And the run that the answer names is recorded under the delivery id

  @p0 @s1.p0.1.1
  Scenario: Ten different deliveries at the same moment are ten runs
    Given GitHub is about to deliver 10 different events
    When it delivers all of them at the same moment
    Then each of them is accepted with 202 under its own delivery id
    And each of them has a run of its own with its own payload

  @p0 @s1.p0.1.1
  Scenario Outline: A delivery without its <header> header is refused
    Given GitHub is about to deliver a "ping" event
    When it delivers the event without its <header> header
    Then the platform answers 400 and names the field "<field>"
    And no run and no event are recorded for the delivery

    Examples:
      | header      | field             |
      | delivery id | X-GitHub-Delivery |
      | event       | X-GitHub-Event    |

  @p0 @s1.p0.1.1
  Scenario Outline: A delivery with an empty <header> header is refused
    Given GitHub is about to deliver a "ping" event
    When it delivers the event with an empty <header> header
    Then the platform answers 400 and names the field "<field>"
    And no run and no event are recorded for the delivery

    Examples:
      | header      | field             |
      | delivery id | X-GitHub-Delivery |
      | event       | X-GitHub-Event    |

  @p0 @s1.p0.1.1
  Scenario: A delivery whose body is not JSON is refused
    Given GitHub is about to deliver a "ping" event
    When it delivers a body that is not JSON, rightly signed
    Then the platform answers 400 and names the field "body"
    And no run and no event are recorded for the delivery

  @p0 @s1.p0.1.1
  Scenario: A delivery with an empty body is refused
    Given GitHub is about to deliver a "ping" event
    When it delivers a body that is empty, rightly signed
    Then the platform answers 400 and names the field "body"
    And no run and no event are recorded for the delivery

  @p0 @s1.p0.1.1
  Scenario: A delivery larger than 1 MiB is refused
    Given GitHub is about to deliver a "ping" event
    When it delivers a body larger than 1 MiB, rightly signed
    Then the body is refused as too large
    And no run and no event are recorded for the delivery

  @p0 @s1.p0.1.2 @security
  Scenario Outline: A delivery whose signature is <signature> is refused
    Given GitHub is about to deliver a "push" event
    When it delivers the event with a signature that is <signature>
    Then the platform answers 401 itself with the message "<message>"
    And no run and no event are recorded for the delivery

    Examples: Not believed
      | signature                 | message                   |
      | forged                    | invalid webhook signature |
      | made with another secret  | invalid webhook signature |
      | made with an empty secret | invalid webhook signature |
      | made over another body    | invalid webhook signature |
      | made over an empty body   | invalid webhook signature |
      | a plain hash of the body  | invalid webhook signature |
      | truncated                 | invalid webhook signature |
      | too long                  | invalid webhook signature |
      | not hexadecimal           | invalid webhook signature |
      | a sha1 one                | invalid webhook signature |

    Examples: Not there
      | signature                   | message                   |
      | missing                     | missing webhook signature |
      | only in the old sha1 header | missing webhook signature |

  @p0 @s1.p0.1.2 @security
  Scenario Outline: A signature that is <signature> is no better for a <event> event
    Given GitHub is about to deliver a "<event>" event
    When it delivers the event with a signature that is <signature>
    Then the platform answers 401 itself
    And no run and no event are recorded for the delivery

    Examples:
      | event           | signature |
      | ping            | forged    |
      | ping            | missing   |
      | gate_unheard_of | forged    |

  @p0 @s1.p0.1.2 @security
  Scenario: What would have been believed is not told in the logs
    Given GitHub is about to deliver a "push" event
    When it delivers the event with a signature that is forged
    Then the platform answers 401 itself
    And the logs of the platform do not tell what would have been believed

  @p0 @s1.p0.1.2 @security
  Scenario Outline: The same event written anew <how> is refused under the old signature
    Given GitHub is about to deliver a "push" event
    When it delivers the event written anew <how> under the old signature
    Then the platform answers 401 itself with the message "invalid webhook signature"
    And no run and no event are recorded for the delivery

    Examples:
      | how                            |
      | with other spaces              |
      | with its keys in another order |
      | with other line ends           |
      | with a line end behind it      |

  @p0 @s1.p0.1.2 @security
  Scenario Outline: A delivery whose signature is <signature> is no better than none
    Given GitHub is about to deliver a "push" event
    When it delivers the event with a signature that is <signature>
    Then the platform answers 401 itself
    And no run and no event are recorded for the delivery

    Examples:
      | signature                    |
      | empty                        |
      | a prefix only                |
      | without its prefix           |
      | padded with white space      |
      | the right digits after sha1= |

  @p0 @s1.p0.1.2 @security
  Scenario Outline: A delivery whose signature is <signature> has one clear outcome
    Given GitHub is about to deliver a "push" event
    When it delivers the event with a signature that is <signature>
    Then the platform either refuses the event with 401 or records it like any other

    Examples:
      | signature                  |
      | in upper-case hex          |
      | after an upper-case prefix |

  @p0 @s1.p0.1.3
  Scenario: A delivery id that comes again is a duplicate of the first
    Given GitHub is about to deliver a "push" event
    And the platform has accepted the event
    When it delivers the event again
    Then the platform answers 200 as a duplicate of the same run
    And there is still one run and one received event
    And 1 replay is on record

  @p0 @s1.p0.1.3
  Scenario Outline: Another <difference> under a known delivery id changes nothing
    Given GitHub is about to deliver a "push" event
    And the platform has accepted the event
    When it delivers another <difference> under the same delivery id
    Then the platform answers 200 as a duplicate of the same run
    And there is still one run and one received event
    And the first payload is kept
    And 1 replay is on record

    Examples:
      | difference |
      | body       |
      | event type |
      | repository |

  @p0 @s1.p0.1.3
  Scenario: A delivery that comes again after its run has ended starts nothing
    Given a run has ended some time ago
    When GitHub delivers its event once more
    Then the platform answers 200 as a duplicate of that run
    And the run stays as it ended and is not started again
    And this delivery is on record as a replay

  @p0 @s1.p0.1.3
  Scenario: A delivery id is known however long ago it came
    Given a run has ended long ago
    When GitHub delivers its event once more
    Then the platform answers 200 as a duplicate of that run
    And the run stays as it ended and is not started again
    And this delivery is on record as a replay

  @p0 @s1.p0.1.3
  Scenario: Ten equal deliveries at the same moment start one run
    Given GitHub is about to deliver a "push" event
    When it delivers the event 10 times at the same moment
    Then one delivery is accepted and the other 9 are duplicates of its run
    And there is one run and one received event
    And 9 replays are on record
    And the run has no second Job

  @p0 @s1.p0.1.3 @security
  Scenario: A known delivery id with a forged signature is refused
    Given GitHub is about to deliver a "push" event
    And the platform has accepted the event
    When it delivers the event with a signature that is forged
    Then the platform answers 401 itself with the message "invalid webhook signature"
    And there is still one run and one received event
    And the refused delivery is no replay on record

  @p0 @s1.p0.1.3 @security
  Scenario: A forged delivery does not burn the id of the honest one
    Given GitHub is about to deliver a "push" event
    And the event was delivered with a signature that is forged
    When it delivers the event
    Then the platform accepts it with 202 itself, without a detour through sign-in
    And there is one run and one received event

  @p0 @s1.p0.1.3
  Scenario: A delivery refused for its body does not burn the id of the honest one
    Given GitHub is about to deliver a "push" event
    And the event was delivered with a body that is not JSON, rightly signed
    When it delivers the event
    Then the platform accepts it with 202 itself, without a detour through sign-in
    And there is one run and one received event

  @p0 @s1.p0.1.3 @security
  Scenario: A known delivery id without a signature is refused
    Given GitHub is about to deliver a "push" event
    And the platform has accepted the event
    When it delivers the event with a signature that is missing
    Then the platform answers 401 itself with the message "missing webhook signature"
    And there is still one run and one received event
    And the refused delivery is no replay on record

  @p0 @s1.p0.1.3
  Scenario: A delivery id in capitals is another one
    Given GitHub is about to deliver a "push" event
    And the platform has accepted the event
    When it delivers the event under the same delivery id in capitals
    Then the platform accepts it with 202 itself, without a detour through sign-in
    And the run that the answer names is recorded under the delivery id
