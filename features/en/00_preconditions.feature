# language: en
# "00" because behave runs the files of a folder by name, and what everything else stands on is told first.
@en @precondition
Feature: Preconditions
  Before anything is judged: the name leads to the staging, its certificate is to be trusted, the last deploy is green.
  One fact a scenario, so that a red one names the cause. What cannot run because of it says so by itself.

  @s1.pre.1 @read-only
  Scenario: The staging domain resolves to the staging's address
    Given the staging's address is known
    When the staging domain is looked up
    Then every address found is the staging's

  @s1.pre.2 @read-only
  Scenario: The certificate comes from an authority that is trusted
    Given a client outside the cluster
    When it meets the staging over TLS
    Then the chain of its certificate can be trusted

  @s1.pre.2 @read-only
  Scenario: The certificate is issued for the staging domain
    Given a client outside the cluster
    When it meets the staging over TLS
    Then the certificate is for the staging domain

  @s1.pre.2 @read-only
  Scenario: The certificate stays valid for a while
    Given a client outside the cluster
    When it meets the staging over TLS
    Then the certificate is valid now and for days to come

  @s1.pre.2 @read-only
  Scenario: The edge shows the certificate that the cluster keeps for it
    Given a client outside the cluster
    When it meets the staging over TLS
    Then the certificate is the one in the cluster's secret

  @s1.pre.2 @read-only
  Scenario: The certificate is asked for from the issuer codex-k8s-letsencrypt
    Given a client outside the cluster
    When it meets the staging over TLS
    Then the ingress names the issuer codex-k8s-letsencrypt
    And certificate and issuer are ready wherever the cluster lets one look

  @s1.pre.2
  Scenario: Plain HTTP leads to HTTPS and nowhere else
    Given a client outside the cluster
    When it asks for a page and makes a delivery over plain HTTP
    Then both are redirected to HTTPS on the same host

  @s1.pre.2 @read-only
  Scenario: Nothing older than TLS 1.2 is spoken
    Given a client outside the cluster
    When it offers one version of TLS after the other
    Then only TLS 1.2 and newer are accepted

  @s1.pre.3 @read-only
  Scenario Outline: The last deploy of <deployment> is complete
    Given the cluster can be asked
    When the deployment "<deployment>" is looked at
    Then its wanted replicas are updated and available

    Examples:
      | deployment            |
      | codex-k8s             |
      | codex-k8s-worker      |
      | oauth2-proxy          |
      | codex-k8s-web-console |

  @s1.pre.3 @read-only
  Scenario Outline: The pods of <deployment> are up
    Given the cluster can be asked
    When the deployment "<deployment>" is looked at
    Then its pods neither fail to start nor restart in a loop

    Examples:
      | deployment            |
      | codex-k8s             |
      | codex-k8s-worker      |
      | oauth2-proxy          |
      | codex-k8s-web-console |

  @s1.pre.3 @read-only
  Scenario: No pod restarts while it is watched
    Given the cluster can be asked
    When the pods of every deployment are watched for a while
    Then no restart is added

  @s1.pre.3 @read-only
  Scenario: The migrations of the last deploy are complete
    Given the cluster can be asked
    When the migrations are looked at
    Then the newest migrate job is complete
    And the newest migration is applied in the database

  @s1.pre.3 @read-only
  Scenario: The gateway is alive and ready
    Given the gateway can be reached from inside
    When it is asked for its health
    Then it says that it is alive and ready
