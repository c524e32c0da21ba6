# language: en
@en
Feature: Security boundary
  From outside only the webhook path passes without sign-in, and only the ports for people and
  GitHub are open.

  @security @s1.security.1
  Scenario: The webhook path passes without sign-in
    Given GitHub is about to deliver a "ping" event
    When it delivers the event
    Then the platform accepts it with 202 itself, without a detour through sign-in
    And the webhook path still answers without a session

  @security @s1.security.1
  Scenario Outline: Without a session <probes> are closed
    Given the users list opens to an admin's session
    When somebody without a session asks for <probes>
    Then every request is stopped at the sign-in

    Examples:
      | probes                                    |
      | the pages and the staff API               |
      | the health pages and the metrics          |
      | paths that only resemble the webhook path |

  @security @s1.security.1 @read-only
  Scenario: No rule in the cluster leads past the sign-in
    Given the cluster can be asked
    When somebody without a session goes by every path that an ingress names
    Then every path is stopped at the sign-in
    And the proxy is told to let nothing pass but the webhook path

  @security @s1.security.2 @read-only
  Scenario: The ports for people and GitHub are open
    Given the gate stands outside the staging's network
    When the ports that must be open are tried
    Then each of them accepts connections

  @security @s1.security.2 @read-only
  Scenario: The Kubernetes API and the other inner ports are closed
    Given the gate stands outside the staging's network
    When the ports that must be closed are tried
    Then none of them answers
