"""Settings: sources, checks, and what they print."""

from pathlib import Path

import pytest

from gate import settings
from gate.doors.database import Database
from gate.errors import SettingError
from gate.opening import open_target
from gate.redaction import redact


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for name in [*settings.BY_NAME, "CODEXK8S_STAGING_DOMAIN", "CODEXK8S_STAGING_NAMESPACE"]:
        monkeypatch.delenv(name, raising=False)


def test_the_later_source_wins(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("GATE_DOMAIN=from.file\nexport GATE_NAMESPACE='from-file'\n# comment\n\n")
    monkeypatch.setenv("GATE_DOMAIN", "from.environment")
    assert settings.load(folder=tmp_path)["GATE_DOMAIN"] == "from.environment"
    assert settings.load(folder=tmp_path)["GATE_NAMESPACE"] == "from-file"
    assert settings.load({"GATE_DOMAIN": "from.d"}, tmp_path)["GATE_DOMAIN"] == "from.d"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a-b # who we are", "a-b"),
        ("a#b", "a#b"),
        ("'a # b' # quoted", "a # b"),
        ('"a"', "a"),
        ("# nothing yet", ""),
        ("a=b\t# c", "a=b"),
    ],
)
def test_a_comment_after_a_value_is_none_of_it(tmp_path, written, read):
    (tmp_path / ".env").write_text(f"GATE_ADMIN_LOGIN={written}\n")
    assert settings.load(folder=tmp_path)["GATE_ADMIN_LOGIN"] == read


def test_who_asks_for_the_local_staging_does_not_write_to_another(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("GATE_DOMAIN=real.test\n")
    monkeypatch.setenv("GATE_SANDBOX", "keep")
    with pytest.raises(SettingError, match=r"GATE_SANDBOX is for the local staging.*\.env.*real\.test"):
        open_target(settings.load(folder=tmp_path), print)


def test_the_platforms_own_names_are_understood(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEXK8S_STAGING_DOMAIN", "staging.example")
    assert settings.load(folder=tmp_path)["GATE_DOMAIN"] == "staging.example"


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("GATE_DOMIAN", "x", "Did you mean GATE_DOMAIN"),
        ("GATE_TLS_MIN_DAYS", "many", "GATE_TLS_MIN_DAYS=many (from the environment)"),
        ("GATE_TLS_MIN_DAYS", "-1", "above zero"),
        ("GATE_HEADED", "perhaps", "yes or no"),
        ("GATE_CLOSED_PORTS", "6443,99999", "1 to 65535"),
        ("GATE_HOSTS", "nonsense", "not name=address"),
        ("GATE_CA_FILE", "/no/such/file", "no such file"),
        ("GATE_OUTSIDE", "maybe", "one of yes, no, auto"),
        ("GATE_WORKERS", "33", "auto, or 1 to 32"),
        ("GATE_GATEWAY_URL", "gateway:80", "https:// or http://"),
        ("GATE_DOMAIN", "https://host/", "GATE_DOMAIN is a host name, such as staging.example.com"),
        ("GATE_DOMAIN", "host:https", "GATE_DOMAIN is a host name, such as staging.example.com"),
        ("GATE_DATABASE_URL", "mysql://u:hunter22@h/d", "postgresql://"),
        ("GATE_DATABASE_URL", "postgresql://u:hunter22@/x@h/d", "are written %40 and %2F"),
        ("GATE_DATABASE_URL", "postgresql://u:hunter[22@h/d", "are written %5B and %2F"),
        ("GATE_DATABASE_URL", "postgresql://u:hunter/22@h/d", "are written %5B and %2F"),
    ],
)
def test_a_wrong_setting_says_what_where_and_what_to_do(tmp_path, monkeypatch, name, value, complaint):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as error:
        settings.load(folder=tmp_path)
    assert complaint in str(error.value)
    assert "hunter22" not in str(error.value)


@pytest.mark.parametrize(("cores", "workers"), [(1, 2), (2, 4), (64, 4)])
def test_left_to_itself_the_gate_takes_few_workers(tmp_path, monkeypatch, cores, workers):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(cores))
    monkeypatch.setenv("GATE_WORKERS", "auto")
    assert settings.load(folder=tmp_path)["GATE_WORKERS"] == workers


def test_what_is_still_the_placeholder_of_the_readme_is_told_at_once(tmp_path):
    lines = ["GATE_DOMAIN=x.test", "GATE_ADMIN_LOGIN=…", "GATE_ADMIN_PASSWORD=…", "GATE_GITHUB_TOKEN=ghp_…"]
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SettingError) as error:
        settings.load(folder=tmp_path)
    assert "Still the README's placeholder “…” (from .env): " in str(error.value)
    for line in lines[1:]:
        assert line.partition("=")[0] in str(error.value)


@pytest.mark.parametrize("page", ["README.md", "README.ru.md"])
def test_the_settings_that_the_readme_shows_can_be_copied(page, tmp_path):
    text = (Path(__file__).parent.parent / page).read_text(encoding="utf-8")
    shown = text.partition("<<'END'\n")[2].partition("\nEND\n")[0]
    (tmp_path / ".env").write_text(shown.replace("…", "x"), encoding="utf-8")
    found = settings.load(folder=tmp_path)
    assert found["GATE_ADMIN_LOGIN"] == found["GATE_GITHUB_TOKEN"] == "x"
    assert found["GATE_GITHUB_REPOSITORIES"] == ("example/one", "example/two")


def test_a_line_of_the_file_that_is_no_setting_is_named(tmp_path):
    (tmp_path / ".env").write_text("GATE_DOMAIN=x\nnonsense\n")
    with pytest.raises(SettingError, match="line 2"):
        settings.load(folder=tmp_path)


def test_hosts_are_read_with_and_without_ports(tmp_path):
    hosts = settings.load({"GATE_HOSTS": "A.test:443=127.0.0.1:8443, b.test=10.0.0.1"}, tmp_path)["GATE_HOSTS"]
    assert hosts == {("a.test", 443): ("127.0.0.1", 8443), ("b.test", None): ("10.0.0.1", None)}


def test_secrets_are_hidden_when_settings_are_shown(tmp_path):
    found = settings.load({"GATE_WEBHOOK_SECRET": "very-secret-value", "GATE_DOMAIN": "x.test"}, tmp_path)
    assert "very-secret-value" not in str(found.shown())
    assert found.shown()["GATE_DOMAIN"] == "x.test"
    assert "very-secret-value" not in redact("it was very-secret-value indeed")


def test_what_is_set_by_hand_stays_when_values_are_put_under():
    by_hand = settings.Settings({"GATE_DOMAIN": "mine.test"})
    merged = by_hand.with_values({"GATE_DOMAIN": "theirs.test", "GATE_NAMESPACE": "theirs", "OTHER": "x"})
    assert (merged["GATE_DOMAIN"], merged["GATE_NAMESPACE"]) == ("mine.test", "theirs")


def test_the_example_file_is_up_to_date():
    root = Path(__file__).parent.parent
    assert (root / ".env.example").read_text(encoding="utf-8") == settings.example()


def test_what_the_address_asks_of_the_server_stays_in_force():
    door = Database("postgresql://u@h/d?options=-csearch_path%3Dcodex", read_only=True)
    assert door._options.startswith("-csearch_path=codex -c statement_timeout=")
    assert Database("postgresql://u@h/d")._options.startswith("-c statement_timeout=")


def test_what_is_written_for_the_gate_beats_the_platforms_own_names(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEXK8S_STAGING_DOMAIN", "another.example")
    (tmp_path / ".env").write_text("GATE_DOMAIN=staging.example\n", encoding="utf-8")
    assert settings.load(folder=tmp_path)["GATE_DOMAIN"] == "staging.example"
