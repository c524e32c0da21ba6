"""The house rules that a reader relies on: who may know whom."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Room -> rooms that it must not know.
STRANGERS = {
    "gate": {"sandbox", "steps", "environment", "behave", "runner"},
    "sandbox": {"gate", "steps", "environment", "behave", "runner"},
    "steps": {"sandbox", "environment", "runner", "requests", "psycopg", "playwright", "kubernetes"},
    "runner": {"sandbox", "steps", "environment"},
}
# behave's own parser reads the features where the expected list is made.
ALLOWED = {("gate/expected.py", "behave")}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize("room", STRANGERS)
def test_rooms_know_only_whom_they_may(room):
    for path in sorted((ROOT / room).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        strangers = {other for other in imports(path) & STRANGERS[room] if (name, other) not in ALLOWED}
        assert not strangers, f"{name} knows {strangers}"


@pytest.mark.parametrize("room", ["gate", "steps", "runner"])
def test_only_the_poller_sleeps(room):
    for path in sorted((ROOT / room).rglob("*.py")):
        if path.name != "waiting.py":
            text = path.read_text(encoding="utf-8")
            assert "time.sleep(" not in text and "wait_for_timeout(" not in text, path


def test_nothing_of_the_stand_in_is_known_outside_its_room():
    for room in ("gate", "steps", "runner", "features"):
        for path in [*(ROOT / room).rglob("*.py"), *(ROOT / room).rglob("*.feature")]:
            assert "codex-k8s.test" not in path.read_text(encoding="utf-8"), path
