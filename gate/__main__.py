"""`python -m gate COMMAND`: everything around a run. A command's module is loaded when the command is given."""

from __future__ import annotations

import argparse
import importlib
import sys
import traceback
from collections.abc import Sequence

from gate.errors import FULL, GateError
from gate.redaction import redact

WRONG_USE = 3
OWN = ("gate", "runner", "steps")
# Name -> (module, one line of help). A new command is a module in gate/commands and a line here. Those that need
# behave lie in runner/commands, which may know it; they are named here and imported nowhere in gate.
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("gate.commands.run", "run the scenarios, build the report, give the verdict"),
    "doctor": ("gate.commands.doctor", "tell what can be proven from here, and what is missing"),
    "check": ("runner.commands.check", "check the features without running anything"),
    "new": ("runner.commands.new", "write a new scenario in both languages"),
    "steps": ("runner.commands.steps", "list the sentences that a scenario may use"),
    "merge": ("gate.commands.merge", "make one verdict out of the shards of a run"),
    "verdict": ("gate.commands.verdict", "give the verdict over the results of a run"),
    "report": ("gate.commands.report", "build the report from the results of a run"),
    "bundle": ("gate.commands.bundle", "put everything behind the verdict into one zip"),
    "verify": ("gate.commands.verify", "check a bundle: every digest, the signature, the verdict"),
    "sign-off": ("gate.commands.sign_off", "record the Owner's decision in the bundle"),
    "login": ("gate.commands.login", "sign in once and keep the session for later runs"),
    "publish": ("gate.commands.publish", "put the release notes on a GitHub issue, or print them"),
    "clean": ("gate.commands.clean", "remove what runs left that were killed"),
    "provide": ("gate.commands.provide", "provide a browser and the report tool"),
}


class _Parser(argparse.ArgumentParser):
    """As argparse's own, with the exit code for wrong use that the verdict's codes leave free."""

    def error(self, message: str) -> None:  # type: ignore[override]
        self.print_usage(sys.stderr)
        self.exit(WRONG_USE, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; errors of the gate become one sentence and exit code 3."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = _parser(given[0] if given else "").parse_args(given)
        return int(options.run(options))
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in OWN:
            raise
        print(f"{missing}: run it in the project's environment (`make provide && . .venv/bin/activate`).\n"
              f"{missing}: запустите в окружении проекта (`make provide && . .venv/bin/activate`).",
              file=sys.stderr)  # fmt: skip
        return WRONG_USE
    except GateError as wrong:
        print(wrong, file=sys.stderr)
        return WRONG_USE
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return WRONG_USE
    except OSError as wrong:
        full = (
            f"There is no room on the disk ({wrong.strerror}): this has no verdict. Make room and type it again.\n"
        )
        print((full if wrong.errno in FULL else "") + redact(f"{type(wrong).__name__}: {wrong}"), file=sys.stderr)
        return WRONG_USE
    except Exception:  # a fault of the gate's own: shown whole, and never with a code that means a verdict
        print(redact(traceback.format_exc()), file=sys.stderr)
        return WRONG_USE


def _parser(wanted: str) -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m gate", description="The release gate of codex-k8s.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, (module, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if name == wanted:
            loaded = importlib.import_module(module)
            loaded.arguments(command)
            command.set_defaults(run=loaded.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
