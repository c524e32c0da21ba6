"""s1.evidence.1: the platform's own smoke script, run where the settings say, and what it printed (contract 7)."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from gate import evidence
from gate.errors import NotProven
from gate.language import ensure, say
from gate.redaction import redact

if TYPE_CHECKING:
    from gate.world import World

LONGEST_SECONDS = 600
# Where nothing answers; a script that is still trying then proves nothing.
ASTRAY_SECONDS = 120
# Nobody is there to be asked for a password, and a host that is away is told soon.
SSH_OPTIONS = ("-o", "BatchMode=yes", "-o", "ConnectTimeout=15")
PREFIX = "[smoke]"
OK = "[smoke] OK"
FAIL = "[smoke] FAIL"
PATH = "deploy/scripts/staging_smoke.sh"
SCRIPT = f"bash {PATH}"


@dataclass(frozen=True)
class Smoked:
    """One run of the script. No exit code and no seconds: it was recorded elsewhere."""

    source: str
    exit_code: int | None
    seconds: float | None
    recorded: str
    output: str

    @property
    def lines(self) -> list[str]:
        """Its own lines."""
        return [line.strip() for line in self.output.splitlines() if line.strip().startswith(PREFIX)]

    @property
    def failed(self) -> list[str]:
        """Its lines that say so."""
        return [line for line in self.lines if line.startswith(FAIL)]

    @property
    def last(self) -> str:
        """What it says of a failure, or at last."""
        return redact((self.failed or self.lines or [say("no [smoke] line", "строк [smoke] нет")])[-1])

    @property
    def ended_well(self) -> bool:
        """Ends with OK and, where it is known, exit code 0."""
        return self.lines[-1:] == [OK] and self.exit_code in (0, None)

    def told(self) -> str:
        """The output under a line that says how it came about, as the release notes show it."""
        unknown = say("not known", "неизвестен")
        code = unknown if self.exit_code is None else self.exit_code
        took = "" if self.seconds is None else say(f", {self.seconds} s", f", {self.seconds} с")
        ended = say(f"exit code {code}", f"код выхода {code}")
        return f"# {ended}{took}, {self.recorded}, {self.source}\n{self.output}"


class Smoke:
    """The smoke script of this run; it is run once, both languages judge the same output."""

    def __init__(self, world: World) -> None:
        self._target = world.target
        self._settings = world.target.settings
        self._smoked: Smoked | None = None
        self._astray: Smoked | None = None

    @property
    def smoked(self) -> Smoked:
        """What the script did."""
        if self._smoked is None:
            raise NotProven(say("The smoke script was not run.", "Смоук-скрипт не запускался."), "suite")
        return self._smoked

    # --- acts

    def know_place(self) -> None:
        """The settings say where the script is run, or where its output lies."""
        if not any(self._settings[name] for name in ("GATE_SMOKE_COMMAND", "GATE_SMOKE_SSH", "GATE_SMOKE_FILE")):
            raise NotProven(
                say(
                    "Where the smoke script runs is not set: GATE_SMOKE_COMMAND, _SSH or _FILE.",
                    "Не задано, где запускать смоук: GATE_SMOKE_COMMAND, _SSH или _FILE.",
                )
            )

    def run(self) -> None:
        """Run it, or read what was recorded, once for the whole run of the gate."""
        evidence.used("smoke")
        if "smoke" not in self._target.kept:
            self._target.kept["smoke"] = self._performed()
        self._smoked = self._target.kept["smoke"]
        evidence.text("smoke", self._smoked.told())

    def run_astray(self) -> None:
        """Once more, for a domain that nobody can have (RFC 6761), where the command is the contract's own."""
        evidence.used("smoke")
        domain, kept = f"{self._target.mark}.invalid", self._target.kept
        if domain not in kept:
            try:
                kept[domain] = self._performed_for(domain)
            except NotProven as reason:
                kept[domain] = reason
        if isinstance(kept[domain], NotProven):
            evidence.weaker(
                say(
                    f"Whether the smoke script fails for {domain} is not proven: {kept[domain]}",
                    f"Проваливается ли смоук-скрипт для {domain}, не доказано: {kept[domain]}",
                )
            )
            return
        self._astray = kept[domain]
        evidence.note(self._astray.told())

    # --- checks

    def expect_ok(self) -> None:
        """It ends with `[smoke] OK` and exit code 0."""
        done = self.smoked
        failed, last = done.failed, done.last
        ensure(
            done.ended_well and not failed,
            f"The smoke script did not end with “{OK}” and exit code 0: code {done.exit_code}, it says: {last}",
            f"Смоук-скрипт не завершился «{OK}» с кодом 0: код {done.exit_code}, он пишет: {last}",
        )

    def expect_failed(self) -> None:
        """It does not end with OK, and has another exit code than 0; where it says no FAIL, that is told."""
        done = self._astray
        if done is None:
            return
        ensure(
            OK not in done.lines and done.exit_code != 0,
            f"For a domain that is not there the smoke script says “{done.last}” and ends with code "
            f"{done.exit_code}, wanted no OK and another code than 0.",
            f"Для домена, которого нет, смоук-скрипт пишет «{done.last}» и завершается с кодом "
            f"{done.exit_code}, а нужны никакого OK и ненулевой код.",
        )
        if not done.failed:
            # A shell that ends at the first command that fails may leave no word of its own (contract 7).
            evidence.weaker(
                say(f"It fails without {FAIL}: “{done.last}”.", f"Он проваливается без {FAIL}: «{done.last}».")
            )

    def expect_kept(self) -> None:
        """Exit code, lines and duration are kept for the release notes."""
        path = self._settings["GATE_REPORTS"] / "smoke.json"
        kept = asdict(self.smoked) | {"lines": self.smoked.lines, "ok": self.smoked.ended_well}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(redact(json.dumps(kept, ensure_ascii=False, indent=1)) + "\n", encoding="utf-8")
        evidence.note(f"{path.name}: {len(self.smoked.lines)} [smoke], {self.smoked.seconds} s")

    # --- helpers

    def _performed(self) -> Smoked:
        if command := self._settings["GATE_SMOKE_COMMAND"]:
            return self._started(command, ["bash", "-c", command])
        if host := self._settings["GATE_SMOKE_SSH"]:
            return self._started(f"ssh {host}", ["ssh", *SSH_OPTIONS, *self._over_ssh(host)])
        return self._read(self._settings["GATE_SMOKE_FILE"])

    def _performed_for(self, domain: str) -> Smoked:
        """`NotProven` for a file, and for a command of somebody's own: it may give the script a domain itself."""
        command, host = self._settings["GATE_SMOKE_COMMAND"], self._settings["GATE_SMOKE_SSH"]
        if command and _is_plain(command):
            return self._started(command, ["bash", "-c", command], domain)
        if host and not command:
            return self._started(f"ssh {host}", ["ssh", *SSH_OPTIONS, *self._over_ssh(host, domain)], domain)
        raise NotProven(say(f"the command is not “{SCRIPT}”.", f"команда не «{SCRIPT}»."))

    def _over_ssh(self, place: str, domain: str = "") -> list[str]:
        """`user@host`, or `user@host:folder` of a checkout there."""
        host, _, folder = place.partition(":")
        variables = " ".join(f"{name}={shlex.quote(value)}" for name, value in self._environment(domain).items())
        # The shell there knows its home, unless the sign for it is quoted.
        home, rest = ("~/", folder[2:]) if folder.startswith("~/") else ("", folder)
        enter = f"cd {home}{shlex.quote(rest)} && " if folder else ""
        return [host, f"{enter}{variables} {SCRIPT}"]

    def _environment(self, domain: str = "") -> dict[str, str]:
        return {
            "CODEXK8S_STAGING_NAMESPACE": self._settings["GATE_NAMESPACE"],
            "CODEXK8S_STAGING_DOMAIN": domain or self._settings["GATE_DOMAIN"],
        }

    def _started(self, source: str, command: list[str], domain: str = "") -> Smoked:
        # The script needs to know the staging, not what the gate knows.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GATE_")}
        began = time.monotonic()
        try:
            done = subprocess.run(
                command,
                env=inherited | self._environment(domain),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=ASTRAY_SECONDS if domain else LONGEST_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as failure:
            raise _not_run(source, str(failure)) from None
        smoked = Smoked(source, done.returncode, round(time.monotonic() - began, 1), _now(), done.stdout)
        return _with_lines(smoked, f"{done.returncode}: {done.stdout}")

    def _read(self, path: Path) -> Smoked:
        recorded = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        oldest = timedelta(hours=self._settings["GATE_MAX_AGE_HOURS"])
        if datetime.now(UTC) - recorded > oldest:
            raise NotProven(
                say(
                    f"{path.name} was recorded at {recorded:%Y-%m-%d %H:%M} UTC: too old to prove anything now.",
                    f"{path.name} записан {recorded:%Y-%m-%d %H:%M} UTC: слишком давно, чтобы что-то доказать.",
                )
            )
        evidence.weaker(
            say(
                "The smoke script was not run here: its output was taken from a file.",
                "Смоук-скрипт здесь не запускался: его вывод взят из файла.",
            )
        )
        text = path.read_text(encoding="utf-8", errors="replace")
        smoked = Smoked(path.name, None, None, recorded.isoformat(timespec="seconds"), text)
        return _with_lines(smoked, say("it has no [smoke] line", "в нём нет строк [smoke]"))


def _is_plain(command: str) -> bool:
    """Whether a command is the contract's own: the script of a checkout, and nothing around it (contract 7)."""
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    return len(words) == 2 and words[0] == "bash" and f"/{words[1]}".endswith(f"/{PATH}")


def _with_lines(smoked: Smoked, instead: str) -> Smoked:
    """The script tells its own failures; without a word of it this was the shell, ssh or something else."""
    if not smoked.lines:
        raise _not_run(smoked.source, instead)
    return smoked


def _not_run(source: str, why: str) -> NotProven:
    told = redact(why).strip()[-400:]
    return NotProven(
        say(f"The smoke script could not be run ({source}): {told}",
            f"Смоук-скрипт не удалось запустить ({source}): {told}"), "staging",
    )  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
