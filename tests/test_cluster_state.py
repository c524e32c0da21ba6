"""What a run is told of its platform: whether it became another meanwhile, and what of it came back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gate.cluster_state import REVISION, builds, restarted, rolled_out
from gate.doors import again
from gate.errors import Broken, NotProven
from gate.target import Target
from gate.world import World

BEGAN = datetime(2026, 11, 30, 12, tzinfo=UTC)


def deployment(name: str, image: str, revision: str = "") -> Any:
    template = SimpleNamespace(spec=SimpleNamespace(containers=[SimpleNamespace(image=image)]))
    annotations = {REVISION: revision} if revision else None
    return SimpleNamespace(
        metadata=SimpleNamespace(name=name, annotations=annotations), spec=SimpleNamespace(template=template)
    )


def pod(name: str, *ended: datetime | None) -> Any:
    statuses = [
        SimpleNamespace(
            name="main",
            last_state=SimpleNamespace(
                terminated=SimpleNamespace(finished_at=when, reason="OOMKilled", exit_code=137) if when else None
            ),
        )
        for when in ended
    ]
    return SimpleNamespace(
        metadata=SimpleNamespace(name=name), status=SimpleNamespace(container_statuses=statuses)
    )


def target(deployments: list[Any], pods: list[Any], kubeconfig: str = "x") -> Target:
    cluster = SimpleNamespace(
        namespace="n",
        apps=lambda: SimpleNamespace(list_namespaced_deployment=None),
        readable=lambda *_: SimpleNamespace(items=deployments),
        pods=lambda: pods,
    )
    settings = {"GATE_KUBECONFIG": kubeconfig, "GATE_KUBE_CONTEXT": ""}
    return cast(Target, SimpleNamespace(cluster=cluster, settings=settings, started=BEGAN))


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (deployment("codex-k8s", "gate:1", "7"), ""),
        (deployment("codex-k8s", "gate:2", "8"), "gate:1 (7) -> gate:2 (8)"),
        (deployment("codex-k8s", "gate:1", "8"), "gate:1 (7) -> gate:1 (8)"),
        (deployment("another", "gate:2"), ""),
    ],
)
def test_a_platform_that_was_rolled_out_meanwhile_is_not_believed(now: Any, told: str) -> None:
    before = builds(target([deployment("codex-k8s", "gate:1", "7")], []))
    problems = rolled_out(target([now], []), before)
    assert [told in one.en for one in problems] == [True] * bool(told)


def test_what_was_not_seen_at_first_is_no_roll_out() -> None:
    assert builds(target([deployment("codex-k8s", "gate:1")], [], kubeconfig="")) == {}
    assert rolled_out(target([deployment("codex-k8s", "gate:1")], []), {}) == ()


def test_containers_that_came_back_meanwhile_are_named() -> None:
    before, after = BEGAN - timedelta(hours=1), BEGAN + timedelta(minutes=1)
    pods = [
        pod("codex-k8s-1", after),
        pod("worker-1", before),
        pod("proxy-1", None),
        pod("codex-k8s-run-1", after),
    ]
    assert restarted(target([], pods)) == ["codex-k8s-1/main (OOMKilled)"]


@pytest.mark.parametrize(("ended", "excused"), [(None, True), (BEGAN - timedelta(hours=1), True), (BEGAN, False)])
def test_who_fell_during_a_scenario_was_not_just_away(
    monkeypatch: pytest.MonkeyPatch, ended: datetime | None, excused: bool
) -> None:
    monkeypatch.setattr(again, "excuse", lambda _: NotProven("for a moment", "staging"))
    world = World(target([], [pod("codex-k8s-1", ended)]), "en", 1, lambda *_: None, began=BEGAN)
    assert (world.excuse(Broken("it did not answer")) is not None) is excused
