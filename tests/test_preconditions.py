"""The preconditions where the contract leaves open how a staging is made: its addresses, its migrate Job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from kubernetes import client

from gate import evidence
from gate.capabilities import preconditions
from gate.capabilities.deployment import Deployment
from gate.capabilities.preconditions import ISSUER, TLS_SECRET, Encryption, Name
from gate.doors import deploy
from gate.doors.deploy import Container, Deploy, Migration, Readiness, Rollout
from gate.doors.dns import Lookup
from gate.errors import Broken, NotProven

FOUR, FLOATING, OTHER_FOUR = "93.184.215.14", "93.184.215.20", "93.184.215.66"
SIX, OTHER_SIX, REFUSING_SIX = "2606:2800:21f:cb07::1", "2606:2800:21f:cb07::bad", "2606:2800:21f:cb07::dead"
SHOWN = {FOUR: "own", FLOATING: "own", OTHER_FOUR: "other", SIX: "own", OTHER_SIX: "other"}


class Tls:
    """Shows a certificate at the addresses of `SHOWN`; nobody answers at others."""

    def __init__(self, host: str, port: int, hosts: Any, *_: Any) -> None:
        self._address = hosts[(host, port)][0]

    def refuses(self) -> bool:
        return bool(self._address == REFUSING_SIX)

    def certificate(self) -> Any:
        if self._address not in SHOWN:
            raise NotProven("no route", "staging")
        return SimpleNamespace(fingerprint=SHOWN[self._address])


def name(*found: str, by_cluster: bool = True) -> Name:
    settings = {"GATE_REQUEST_SECONDS": 1, "GATE_CA_FILE": None}
    target = SimpleNamespace(settings=settings, domain="x.test", port=443)
    world: Any = SimpleNamespace(target=target)
    made = Name(world)
    made._reported_by_cluster = by_cluster
    made.expected = frozenset(made._addresses(FOUR))
    made.lookups = [Lookup("one", "x.test", found)]
    return made


@pytest.mark.parametrize(
    ("found", "by_cluster"),
    [
        ([FOUR], True),
        ([FOUR, SIX], True),
        # A floating address of the same host, or a balancer before it.
        ([FLOATING], True),
        # A setting of one kind says nothing of the other.
        ([FOUR, SIX], False),
        # What DNS64 makes of the address, for a gate that has only IPv6.
        ([FOUR, "64:ff9b::5db8:d70e"], True),
        (["64:ff9b::5db8:d70e"], False),
    ],
)
def test_a_name_leads_to_the_staging_by_other_kinds_of_addresses(monkeypatch, found, by_cluster):
    monkeypatch.setattr(preconditions, "Tls", Tls)
    name(*found, by_cluster=by_cluster).expect_staging()


@pytest.mark.parametrize(
    ("found", "by_cluster", "raised"),
    [
        ([FOUR, OTHER_SIX], True, Broken),
        ([FOUR, "2606:2800:21f:cb07::2"], True, NotProven),
        ([FOUR, "93.184.215.15"], True, Broken),
        ([FOUR, "64:ff9b::5db8:d70f"], True, Broken),
        ([FOUR, OTHER_FOUR], True, Broken),
        ([FOUR, REFUSING_SIX], True, Broken),
        # Whoever set the address has named all of its kind.
        ([FLOATING], False, Broken),
        ([FOUR, OTHER_SIX], False, Broken),
        ([FOUR, REFUSING_SIX], False, Broken),
        ([FOUR, "2606:2800:21f:cb07::2"], False, NotProven),
    ],
)
def test_a_stray_address_is_seen(monkeypatch, found, by_cluster, raised):
    monkeypatch.setattr(preconditions, "Tls", Tls)
    with pytest.raises(raised):
        name(*found, by_cluster=by_cluster).expect_staging()


def deployment(
    applied: bool,
    progress_at: datetime | None,
    available: int = 1,
    restarted_at: datetime | None = None,
    events: Sequence[tuple[str, str]] = (),
    revised_at: datetime | None = None,
) -> Any:
    rollout = Rollout("x", 1, 1, 1, 1, 1, available, "", progress_at, 600, restarted_at)
    world: Any = SimpleNamespace(target=SimpleNamespace(settings={"GATE_SETTLE_SECONDS": 1}))
    listed = [
        SimpleNamespace(reason=reason, involved_object=SimpleNamespace(kind="Job", name=about))
        for reason, about in events
    ]
    owner = SimpleNamespace(kind="Deployment", name="codex-k8s")
    made_of = SimpleNamespace(creation_timestamp=revised_at, owner_references=[owner])
    found = {
        "events": SimpleNamespace(items=listed),
        "replicasets": SimpleNamespace(items=[SimpleNamespace(metadata=made_of)]) if revised_at else None,
    }
    cluster: Any = SimpleNamespace(
        namespace="x",
        core=lambda: SimpleNamespace(list_namespaced_event=None),
        apps=lambda: SimpleNamespace(list_namespaced_replica_set=None),
        readable=lambda what, *_: found[what],
    )
    made: Any = Deployment(world)
    made._deploy = Deploy(cluster)
    made._deploy.rollout = lambda _: rollout
    made._applied = [{"is_applied": applied}]
    made._gateway_deployed = made._deploy.revised("codex-k8s")
    return made


NOW = datetime.now(UTC)
LONG_SINCE = NOW - timedelta(hours=2)
JUST_BEFORE = NOW - timedelta(minutes=2)
MIGRATED, BEGAN = ("Completed", "codex-k8s-migrate-7f3a"), ("SuccessfulCreate", "codex-k8s-migrate-7f3a")


@pytest.mark.parametrize("progress_at", [LONG_SINCE, None])
def test_a_migrate_job_may_be_gone_some_time_after_the_deploy(progress_at):
    with pytest.raises(NotProven):
        deployment(True, progress_at).expect_migrated()


def test_a_restart_is_no_deploy():
    with pytest.raises(NotProven):
        deployment(True, NOW, restarted_at=JUST_BEFORE).expect_migrated()
    # Whatever was restarted once may be deployed again.
    with pytest.raises(Broken):
        deployment(True, NOW, restarted_at=LONG_SINCE).expect_migrated()


def test_scaling_is_no_deploy():
    with pytest.raises(NotProven):
        deployment(True, NOW, revised_at=LONG_SINCE).expect_migrated()
    with pytest.raises(Broken):
        deployment(True, NOW, revised_at=JUST_BEFORE).expect_migrated()


def test_what_moves_on_beside_the_gateway_is_no_deploy():
    made = deployment(True, NOW)
    long_since = replace(made._deploy.rollout("codex-k8s"), progress_at=LONG_SINCE)
    just_now = made._deploy.rollout("codex-k8s")
    made._deploy.rollout = lambda name: long_since if name == "codex-k8s" else just_now
    made._gateway_deployed = made._deploy.revised("codex-k8s")
    with pytest.raises(NotProven):
        made.expect_migrated()


def test_a_job_that_an_event_tells_of_was_there():
    with pytest.raises(NotProven):
        deployment(True, NOW, events=[BEGAN, MIGRATED]).expect_migrated()
    with pytest.raises(Broken):
        deployment(True, NOW, events=[BEGAN, ("Completed", "codex-k8s-run-1")]).expect_migrated()


@pytest.mark.parametrize("told", ["2026-02-09T10:00:00Z", "2026-02-09T13:00:00+03:00", "", "yesterday"])
def test_the_time_of_a_restart_is_read(told):
    metadata = client.V1ObjectMeta(annotations={"kubectl.kubernetes.io/restartedAt": told})
    found = client.V1Deployment(
        metadata=client.V1ObjectMeta(name="x", generation=1),
        spec=client.V1DeploymentSpec(
            selector=client.V1LabelSelector(), template=client.V1PodTemplateSpec(metadata=metadata)
        ),
        status=client.V1DeploymentStatus(observed_generation=1),
    )
    wanted = datetime(2026, 2, 9, 10, tzinfo=UTC) if told[:1] == "2" else None
    assert deploy._rollout(found).restarted_at == wanted


@pytest.mark.parametrize(
    ("applied", "progress_at", "available"), [(True, NOW, 1), (False, LONG_SINCE, 1), (True, LONG_SINCE, 0)]
)
def test_a_deploy_without_migrations_is_red(applied, progress_at, available):
    with pytest.raises(Broken):
        deployment(applied, progress_at, available).expect_migrated()


def pod(restarts: int, ended_ago: float, well_for: float | None) -> Container:
    """A container that ended so many seconds ago, and is ready since."""
    now = datetime.now(UTC)
    ended, well = (now - timedelta(seconds=seconds) if seconds is not None else None
                   for seconds in (ended_ago, well_for))  # fmt: skip
    return Container("codex-k8s-7f3a", "codex-k8s", restarts, "", "", ended, "Error 1", well)


@pytest.mark.parametrize(
    ("restarts", "ended_ago", "well_for", "loops"),
    [
        (3, 100, 70, False),
        (4, 200, 120, False),
        (17, 550, 320, False),
        (3, 60, 30, True),
        # It may as well be between two crashes.
        (5, 250, 100, True),
        (17, 400, 100, True),
        (3, 100, None, True),
    ],
)
def test_what_came_back_for_longer_than_the_kubelet_waits_is_no_loop(restarts, ended_ago, well_for, loops):
    evidence.begin()
    made = deployment(True, NOW)
    made._name, made._containers = "codex-k8s", [pod(restarts, ended_ago, well_for)]
    if loops:
        with pytest.raises(Broken, match="in a loop"):
            made.expect_pods_well()
    else:
        made.expect_pods_well()
        assert "restarted again and again" in evidence.record().risks[0]


@pytest.mark.parametrize(
    ("ready", "state", "since"),
    [
        (True, {"running": client.V1ContainerStateRunning(started_at=JUST_BEFORE)}, JUST_BEFORE),
        # What prepares a pod is ready when it has done its work.
        (True, {"terminated": client.V1ContainerStateTerminated(exit_code=0, finished_at=NOW)}, NOW),
        (False, {"running": client.V1ContainerStateRunning(started_at=JUST_BEFORE)}, None),
        (False, {"terminated": client.V1ContainerStateTerminated(exit_code=1, finished_at=NOW)}, None),
    ],
)
def test_only_what_is_ready_is_well(ready, state, since):
    status = client.V1ContainerStatus(
        image="x", image_id="x", name="x", ready=ready, restart_count=4, state=client.V1ContainerState(**state)
    )
    assert deploy._container("codex-k8s-7f3a", status).well_since == since


def job(created_at: datetime, tag: str) -> Migration:
    return Migration("codex-k8s-migrate", created_at, True, False, "", tag)


@pytest.mark.parametrize(
    ("revised_at", "newest", "told"),
    [
        # Migrations come before what needs them.
        (JUST_BEFORE, job(JUST_BEFORE - timedelta(minutes=10), "7"), ""),
        (JUST_BEFORE, job(JUST_BEFORE - timedelta(minutes=10), ""), ""),
        (JUST_BEFORE, job(JUST_BEFORE - timedelta(minutes=10), "6"), "its image tag is 6, that of codex-k8s 7."),
        (JUST_BEFORE, job(LONG_SINCE, "7"), "codex-k8s got something new to run at"),
        # By its progress alone nobody knows whether it was scaled.
        (None, job(LONG_SINCE, "7"), ""),
    ],
)
def test_a_migrate_job_of_another_deploy_is_told(revised_at, newest, told):
    evidence.begin()
    made = deployment(True, NOW, revised_at=revised_at)
    made._gateway_deployed = replace(made._gateway_deployed, tag="7")
    made._migrations = [newest]
    made.expect_migrated()
    risks = evidence.record().risks
    assert told in risks[0] if told else not risks


@pytest.mark.parametrize(("gateway", "worker", "told"), [("7", "7", 0), ("7", "6", 1), ("7", "", 0), ("", "6", 0)])
def test_a_worker_of_another_build_is_told(gateway, worker, told):
    evidence.begin()
    made = deployment(True, NOW)
    rollout = made._deploy.rollout("codex-k8s")
    made._deploy.rollout = lambda _: replace(rollout, tag=gateway)
    made._tell_half_deploy(replace(rollout, tag=worker))
    assert len(evidence.record().risks) == told


@pytest.mark.parametrize(
    ("image", "tag"),
    [
        ("127.0.0.1:5000/codex-k8s/worker:0.1.0-20260209.7", "0.1.0-20260209.7"),
        ("127.0.0.1:5000/codex-k8s/worker", ""),
        ("ghcr.io/x/worker:7@sha256:0123", "7"),
        ("ghcr.io/x/worker@sha256:0123", ""),
    ],
)
def test_the_tag_of_an_image_is_no_port_and_no_digest(image, tag):
    spec = SimpleNamespace(containers=[SimpleNamespace(image=image)])
    assert deploy._tag(SimpleNamespace(spec=SimpleNamespace(template=SimpleNamespace(spec=spec)))) == tag


OWN = Readiness("Certificate", "own", True, "", TLS_SECRET, ISSUER)
ISSUES = Readiness("ClusterIssuer", ISSUER, True, "")


def issued(monkeypatch, certificates, issuers):
    """What the cluster tells of both is judged; the answer is what makes the proof weaker."""
    lists = SimpleNamespace(certificates=lambda: certificates, issuers=lambda _: issuers)
    monkeypatch.setattr(preconditions, "Deploy", lambda _: lists)
    evidence.begin()
    world: Any = SimpleNamespace(target=SimpleNamespace(settings=None, cluster=None))
    Encryption(world).expect_issued()
    return evidence.record().weaker


@pytest.mark.parametrize(
    ("certificates", "issuers", "weaker"),
    [
        ([OWN], [ISSUES], []),
        ([replace(OWN, secret="another", ready=False), OWN], [ISSUES], []),
        (None, None, ["Certificate: the cluster", "ClusterIssuer: the cluster"]),
        # Copied from where cert-manager keeps it.
        ([], [ISSUES], ["There is no Certificate"]),
    ],
)
def test_what_the_cluster_does_not_tell_makes_the_proof_weaker(monkeypatch, certificates, issuers, weaker):
    told = issued(monkeypatch, certificates, issuers)
    assert len(told) == len(weaker) and all(map(str.startswith, told, weaker))


@pytest.mark.parametrize(
    ("certificates", "issuers", "said"),
    [
        ([OWN], [], "There is no ClusterIssuer"),
        ([OWN], [replace(ISSUES, ready=False)], "is not ready"),
        ([replace(OWN, ready=False)], [ISSUES], "is not ready"),
        ([replace(OWN, secret="another")], [ISSUES], "No Certificate is for secret"),
        ([replace(OWN, issuer="selfsigned")], [ISSUES], "from the issuer 'selfsigned'"),
    ],
)
def test_a_certificate_that_nobody_right_issues_is_red(monkeypatch, certificates, issuers, said):
    with pytest.raises(Broken, match=said):
        issued(monkeypatch, certificates, issuers)


@pytest.mark.parametrize(
    ("read", "listed", "found"),
    [
        (None, None, None),
        (None, {"items": []}, []),
        (None, {"items": [{"metadata": {"name": "another"}}]}, []),
        (None, {"items": [{"metadata": {"name": ISSUER}}]}, [ISSUER]),
        ({"metadata": {"name": ISSUER}}, None, [ISSUER]),
    ],
)
def test_an_issuer_that_is_gone_is_told_from_one_that_may_not_be_seen(read, listed, found):
    answers = iter([read, listed])
    cluster: Any = SimpleNamespace(namespace="x", api=client.ApiClient(), readable=lambda *_, **__: next(answers))
    told = Deploy(cluster).issuers(ISSUER)
    assert (None if told is None else [one.name for one in told]) == found
