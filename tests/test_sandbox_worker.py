"""The worker of the local staging keeps to the contract, and its faults break what they say."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import NAMESPACE_DNS, uuid4, uuid5

import pytest

from gate.watching import BEHIND_OTHERS
from tests.sandbox_parts import Parts, push, running

Rows = list[dict[str, Any]]
Seen = Callable[[dict[str, Any], set[str], list[str]], bool]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    with running(tmp_path_factory.mktemp("worker"), with_worker=True) as found:
        yield found


def accepted(parts: Parts, payload: Any) -> str:
    delivery = str(uuid4())
    assert parts.deliver(payload, id=delivery).status_code == 202
    return delivery


def slots(parts: Parts, project: Any) -> Rows:
    return parts.rows("SELECT * FROM slots WHERE project_id = %s ORDER BY slot_no", project)


def events(parts: Parts, delivery: str) -> Rows:
    return parts.rows(
        "SELECT event_type, payload FROM flow_events WHERE correlation_id = %s ORDER BY id", delivery
    )


def test_a_run_from_pending_to_its_end(parts: Parts) -> None:
    parts.staging.job_seconds = 0.5
    delivery = accepted(parts, push("Gate/Whole", 901))
    project = uuid5(NAMESPACE_DNS, "repo:gate/whole")
    parts.until(lambda: parts.run_of(delivery)["status"] == "running")
    run = parts.run_of(delivery)
    leased = [slot for slot in slots(parts, project) if slot["state"] == "leased"]
    assert [slot["lease_owner"] for slot in leased] == [str(run["id"])] and leased[0]["lease_until"] > run[
        "started_at"
    ]
    job, _ = parts.until(lambda: parts.cluster.jobs.get(f"codex-k8s-run-{run['id']}"))
    assert job["metadata"]["labels"]["codexk8s.io/project-id"] == str(project) == str(run["project_id"])
    done = parts.ended(delivery)
    assert done["status"] == "succeeded" and done["started_at"] <= done["finished_at"]
    assert {(slot["state"], slot["lease_owner"], slot["lease_until"]) for slot in slots(parts, project)} == {
        ("free", None, None)
    }
    told = events(parts, delivery)
    assert [each["event_type"] for each in told] == ["webhook.received", "run.started", "run.succeeded"]
    assert set(told[1]["payload"]) == {"run_id", "project_id", "slot_no", "job_name", "job_namespace"}
    assert parts.rows("SELECT slug FROM projects WHERE id = %s", project) == [{"slug": "gate/whole"}]


def test_a_vanished_job_fails_its_run(parts: Parts) -> None:
    parts.staging.job_seconds = 5
    delivery = accepted(parts, push("gate/gone", 902))
    parts.until(lambda: parts.run_of(delivery)["status"] == "running")
    name = f"codex-k8s-run-{parts.run_of(delivery)['id']}"
    parts.until(lambda: name in parts.cluster.jobs)
    del parts.cluster.jobs[name]
    assert parts.ended(delivery)["status"] == "failed"
    assert events(parts, delivery)[-1]["event_type"] == "run.failed.job_not_found"


def test_a_refused_job_fails_its_run(parts: Parts) -> None:
    parts.cluster.refuses = True
    delivery = accepted(parts, push("gate/refused", 903))
    assert parts.ended(delivery)["status"] == "failed"
    parts.cluster.refuses = False
    assert [each["event_type"] for each in events(parts, delivery)] == [
        "webhook.received",
        "run.failed.launch_error",
    ]


def test_never_more_than_two_at_once_and_all_end(parts: Parts) -> None:
    parts.staging.job_seconds = 0.2
    deliveries = [accepted(parts, push("gate/many", 904)) for _ in range(5)]
    project = uuid5(NAMESPACE_DNS, "repo:gate/many")
    count = "SELECT count(*) FROM agent_runs WHERE project_id = %s AND status = 'running'"
    most = 0
    while any(parts.run_of(each)["status"] in ("pending", "running") for each in deliveries):
        most = max(most, parts.rows(count, project)[0]["count"])
    assert most == 2 and len(slots(parts, project)) == 2
    assert all(parts.run_of(each)["status"] == "succeeded" for each in deliveries)


def test_an_expired_lease_is_freed_at_the_next_claim(parts: Parts) -> None:
    parts.ended(accepted(parts, push("gate/expired", 905)))
    project = uuid5(NAMESPACE_DNS, "repo:gate/expired")
    parts.connection.execute(
        "UPDATE slots SET state = 'leased', lease_owner = 'gone', lease_until = now() - interval '1 s'"
        " WHERE project_id = %s",
        (project,),
    )
    assert parts.ended(accepted(parts, push("gate/expired", 905)))["status"] == "succeeded"
    assert {slot["state"] for slot in slots(parts, project)} == {"free"}


def test_feedback_only_with_learning_mode(parts: Parts) -> None:
    def feedback(delivery: str) -> Rows:
        return parts.rows("SELECT kind FROM learning_feedback WHERE run_id = %s", parts.run_of(delivery)["id"])

    plain = accepted(parts, push("gate/plain", 906))
    parts.ended(plain)
    parts.staging.learning_default = True
    learning = accepted(parts, push("gate/learning", 907))
    parts.staging.learning_default = False
    assert parts.until(lambda: feedback(learning)) == [{"kind": "inline"}]
    assert feedback(plain) == []


def test_no_repository_at_all(parts: Parts) -> None:
    delivery = accepted(parts, {"zen": "ping"})
    assert parts.ended(delivery)["project_id"] == uuid5(NAMESPACE_DNS, f"correlation:{delivery}")


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("slot-leaked-after-success", lambda run, states, told: "leased" in states),
        ("started-at-missing", lambda run, states, told: run["started_at"] is None),
        ("ended-event-doubled", lambda run, states, told: told.count("run.succeeded") == 2),
        ("run-succeeds-without-job", lambda run, states, told: run["status"] == "succeeded"),
        ("job-forgotten", lambda run, states, told: run["status"] == "failed"),
        ("running-skipped", lambda run, states, told: run["status"] == "succeeded"),
        ("free-slot-keeps-owner", lambda run, states, told: states == {"free"}),
    ],
)
def test_faults_break_what_they_say(parts: Parts, fault: str, seen: Seen) -> None:
    full_name = f"gate/{uuid4()}"
    with parts.fault(fault):
        delivery = accepted(parts, push(full_name, 908))
        run = parts.ended(delivery)
    states = {slot["state"] for slot in slots(parts, run["project_id"])}
    assert seen(run, states, [each["event_type"] for each in events(parts, delivery)])


@pytest.mark.parametrize(
    ("runs", "found"),
    [
        ({"at work": ("running", 93, 0), "": ("pending", 92, None), "ours": ("pending", 91, None)}, (0, 1, 1, 0)),
        ({"before": ("succeeded", 903, 902), "ours": ("running", 901, 0)}, (0, 0, 0, 0)),
        ({"before": ("succeeded", 909, 4), "ours": ("running", 908, 3)}, (1, 0, 0, 0)),
        ({"held": ("pending", 902, None), "ours": ("pending", 901, None)}, (0, 1, 0, 1)),
        ({"ours": ("pending", 902, None), "younger": ("running", 901, 0)}, (0, 0, 0, 0)),
    ],
    ids=["worker at work", "nobody before", "began behind another", "project without a slot", "overtaken"],
)  # fmt: skip
def test_runs_that_were_there_before_excuse_a_late_one(
    parts: Parts, runs: dict[str, tuple[str, int, int | None]], found: tuple[int, ...]
) -> None:
    """A worker may claim one run a poll, or stop at a project without a free slot (contract 4)."""
    # Long ago, where no other test has a run.
    ours, add = ["gate-0a1b2c-ours"], parts.connection.execute
    with parts.connection.transaction(force_rollback=True):
        add("INSERT INTO projects (slug, name) VALUES ('gate-0a1b2c/held', 'held')")
        add(
            "INSERT INTO slots (project_id, slot_no, state, lease_owner, lease_until)"
            " SELECT id, 1, 'leased', 'somebody', now() + interval '1 min' FROM projects WHERE name = 'held'"
        )
        for name, (status, made, started) in runs.items():
            add(
                "INSERT INTO agent_runs (correlation_id, status, run_payload, created_at, started_at) VALUES"
                " (%s, %s, jsonb_build_object('raw_payload', jsonb_build_object('repository', jsonb_build_object("
                "'full_name', 'gate-0a1b2c/' || %s::text))), now() - %s * interval '1 s',"
                " now() - %s * interval '1 s')",
                (f"gate-0a1b2c-{name}", status, name, made, started),
            )
        # What began lately is of this moment alone, by the clock of this transaction.
        assert parts.rows(BEHIND_OTHERS, ours, 60, ours, 0.001) == [
            dict(zip(("late", "waiting", "began", "held"), found, strict=True))
        ]
