# language: en
@en
Feature: Worker run loop
  A delivery becomes a run. The worker leases it a slot of its project, starts a Job for it,
  follows it to its end, writes down what happened and frees the slot.

  @p0 @s1.p0.2.1
  Scenario: A run goes from pending through running to succeeded
    Given a delivery about a repository that the platform has never seen
    When it comes in and its run is watched to the end
    Then the run was pending, then running, then succeeded
    And its times say when it was created, started and finished, in this order
    And it began within a few polls of the worker after it came
    And it belongs to the project that bears the repository's name in lower case
    And the event log tells of its start and then of "run.succeeded", once each

  @p0 @s1.p0.2.1
  Scenario: A run has a Job of its own in the cluster
    Given a delivery about a repository that the platform has never seen
    When it comes in and its run is watched to the end
    Then a Job that bears the ids of the run and its project was in the cluster
    And this Job is never retried, may take 15 minutes and is kept for 10 more
    And the run ended within a few polls of the worker after this Job

  @p0 @s1.p0.2.1
  Scenario: A run about no repository has a project of its own
    Given a delivery about no repository
    When it comes in without a repository and its run is watched to the end
    Then it belongs to a project of its own and succeeds

  @p0 @s1.p0.2.1
  Scenario: Events of every type become runs that succeed
    Given deliveries of events of every type and make, each about a repository of its own
    When they come in at once and each of their runs is watched to its end
    Then every one of these runs succeeds

  @p0 @s1.p0.2.1 @alone.projects
  Scenario: The project of a repository's name comes back with its next run
    Given the project of a repository that nobody attached was deleted after a run
    When the next delivery about that repository comes in and its run is watched to the end
    Then the project is there again under the same id, and the run belongs to it

  @p0 @s1.p0.2.1
  Scenario: A run goes on for as long as its Job is at work
    Given a delivery about a repository that the platform has never seen
    When it comes in and the Job of its run is held up before its end
    Then the run stays running for as long as its Job is held up
    And it succeeds once its Job may go on

  @p0 @s1.p0.2.1
  Scenario: A run that an earlier worker began is followed to its end as well
    Given a repository whose run has ended, its Job still there
    When a run of that repository is at work which a worker before this one began
    Then it succeeds as its Job does, and is told to have ended once
    And with its end every slot is free, with no owner and no lease time

  @p0 @s1.p0.2.1
  Scenario: A run whose Job vanishes ends as failed
    Given a delivery about a repository that the platform has never seen
    When it comes in and the Job of its run is deleted while it runs
    Then the run was pending, then running, then failed
    And its times say when it was created, started and finished, in this order
    And the event log tells of its start and then of "run.failed.job_not_found", once each

  @p0 @s1.p0.2.1
  Scenario: A run whose Job fails ends as failed
    Given a delivery about a repository that the platform has never seen
    When it comes in and the Job of its run fails while it runs
    Then the run fails as well, which "run.failed" tells, and its slot is free

  @p0 @s1.p0.2.2
  Scenario: A run has a slot to itself while it runs and gives it back when it succeeds
    Given a delivery about a repository that the platform has never seen
    When it comes in and its run is watched to the end
    Then while it ran one slot of its project was leased to it for about ten minutes on
    And with its end every slot is free, with no owner and no lease time

  @p0 @s1.p0.2.2
  Scenario: A run that fails gives its slot back
    Given a delivery about a repository that the platform has never seen
    When it comes in and the Job of its run is deleted while it runs
    Then while it ran one slot of its project was leased to it for about ten minutes on
    And with its end every slot is free, with no owner and no lease time

  @p0 @s1.p0.2.2 @alone
  Scenario: The end of a run and the end of its lease are one
    Given a delivery about a repository that the platform has never seen
    When it comes in and somebody has the slot of its run locked while the Job ends
    Then the run is never seen ended while the slot is leased to it
    And with its end every slot is free, with no owner and no lease time

  @p0 @s1.p0.2.2
  Scenario: A run whose lease has run out gives its slot back all the same
    Given a delivery about a repository that the platform has never seen
    When it comes in and the lease of its run ends while the run is at work
    Then the run was pending, then running, then succeeded
    And with its end every slot is free, with no owner and no lease time

  @p0 @s1.p0.2.2
  Scenario: A run whose lease has run out goes on when the next of its project begins
    Given a delivery about a repository that the platform has never seen
    When it comes in and the lease of its run ends before the next run of its project begins
    Then the run was pending, then running, then succeeded
    And with their ends every slot is free, with no owner and no lease time

  @p0 @s1.p0.2.2
  Scenario: A run whose slot has gone to another meanwhile leaves it to that one
    Given a delivery about a repository that the platform has never seen
    When it comes in and the slot of its run goes to another while the run is at work
    Then the run ends as its Job did, and the slot of the other run is still leased to it

  @p0 @s1.p0.2.2
  Scenario: A run about no repository gives its slot back
    Given a delivery about no repository
    When it comes in without a repository and its run is watched to the end
    Then with its end every slot is free, with no owner and no lease time

  @p0 @s1.p0.2.2
  Scenario: A run that ends gives back its own slot and no other
    Given a project one of whose slots is leased to another run
    When a run of this project comes in and is watched to its end
    Then it had the slot that was left, and its start tells which
    And the slot of the other run is still leased to it

  @p0 @s1.p0.2.2
  Scenario: Two runs of one project are at work side by side
    Given a delivery about a repository that the platform has never seen
    When it comes in, the Job of its run is held up and another run of this project comes in
    Then the other run begins meanwhile, in the other slot

  @p0 @s1.p0.2.2
  Scenario: More runs than slots take turns
    Given more deliveries about one repository than its project has slots
    When they come in at once and their runs are watched to the end
    Then there were never more runs running than slots, nor two in one slot
    And a run waited as pending for its turn, and all of them ended
    And with their ends every slot is free, with no owner and no lease time

  @p0 @s1.p0.2.2
  Scenario: A lease whose holder is gone is freed when its time is over
    Given a project whose slots are all leased to a run that is gone
    And a run of this project waits as pending for a slot
    When the time of one of these leases is over
    Then the waiting run gets a slot and ends
    And the leases whose time was not over are still there, and are given back
    And with its end every slot is free, with no owner and no lease time

  @p0 @s1.p0.2.2
  Scenario: A lease whose time is over is freed also where another slot is free
    Given a project one of whose slots is leased to another run
    And the time of that lease is over
    When a run of this project comes in and is watched to its end
    Then with its end every slot is free, with no owner and no lease time

  @p0 @s1.p0.2.2
  Scenario: A run for which no Job can be created ends all the same and keeps no slot
    Given a project whose slots are all leased to a run that is gone
    And a run of this project waits as pending for a slot
    And a Job under the name of its own is in the cluster already
    When the time of these leases is over
    Then the waiting run ends, and is told to have ended once
    And with its end every slot is free, with no owner and no lease time

  @p0 @s1.p0.2.2
  Scenario: Runs that wait for a slot begin in the order in which they came
    Given a project whose slots are all leased to a run that is gone
    And more runs of this project than it has slots came in one after the other
    When the time of these leases is over
    Then the waiting runs begin in the order in which they came
    And with their ends every slot is free, with no owner and no lease time

  @p0 @s1.p0.2.2
  Scenario: A run that somebody has locked keeps no other waiting
    Given a project whose slots are all leased to a run that is gone
    And a run of this project waits as pending for a slot
    When somebody has the waiting run locked and a run of another project comes in
    Then the other run begins all the same

  @p0 @s1.p0.2.1
  Scenario: A run whose Job vanishes fails also where another of its project has its Job still
    Given a run that has ended, its Job still there
    When another run of its project comes in and loses its Job while it runs
    Then the run was pending, then running, then failed
    And the event log tells of its start and then of "run.failed.job_not_found", once each

  @p0 @s1.p0.2.2 @alone
  Scenario: The end of a run whose Job vanishes and the end of its lease are one
    Given a delivery about a repository that the platform has never seen
    When it comes in and the Job of its run is deleted while somebody has the slot of the run locked
    Then the run is never seen ended while the slot is leased to it
    And with its end every slot is free, with no owner and no lease time
