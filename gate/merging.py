"""One run out of the shards of a run: their records, results and pictures, and whatever speaks against it.

What does not fit together (a shard missing, given twice, of another commit, target or build) becomes a `problem`
of the merged record: the verdict over it is Incomplete and names the shard.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gate.cluster_state import images_in
from gate.errors import GateError
from gate.folder import ALLURE, CLUSTER, RECORD, SCREENSHOTS, SMOKE
from gate.language import Text
from gate.results import Run, Start, read_run

# What the shards of one run have in common: "of another …", "с другим …".
COMMON = (
    ("split", "делением"),
    ("commit of the suite", "коммитом набора"),
    ("target", "адресом цели"),
    ("features", "набором сценариев"),
)


@dataclass(frozen=True)
class Shard:
    """One part of a run, as its folder tells."""

    folder: Path
    run: Run
    number: int
    of: int

    @property
    def start(self) -> Start:
        """Its beginning; a folder without one is no shard."""
        assert self.run.start is not None
        return self.run.start

    def __str__(self) -> str:
        return f"{self.number}/{self.of} ({self.folder.name})"


def merge(folders: Sequence[Path], reports: Path) -> list[Text]:
    """Write the whole run into `reports`; the answer is what keeps it from being believed."""
    if reports.resolve() in {folder.resolve() for folder in folders}:
        raise GateError(f"{reports} is one of the shards. Name another folder for the whole with --reports.")
    given, problems = _read(folders)
    kept: dict[int, Shard] = {}
    for shard in given:
        if shard.number in kept:
            problems.append(_text(f"Shard {shard} is there twice.", f"Часть {shard} дана дважды."))
        kept.setdefault(shard.number, shard)
    shards = [kept[number] for number in sorted(kept)]
    problems += _differences(shards)
    problems += [problem for shard in shards for problem in _of_one(shard)]
    _write(shards, problems, reports / RECORD)
    _gather(shards, reports)
    return problems


def _read(folders: Sequence[Path]) -> tuple[list[Shard], list[Text]]:
    """The shards that can be read, and a sentence about each folder that is none."""
    found, problems = [], []
    for folder in folders:
        run = read_run(folder / RECORD)
        part = _part(run.start)
        if part:
            found.append(Shard(folder, run, *part))
        else:
            problems.append(
                _text(
                    f"{folder.name} holds no shard of a run (no {RECORD}, or one without GATE_SHARD).",
                    f"В {folder.name} нет части прогона (нет {RECORD} или он без GATE_SHARD).",
                )
            )
    if not found:
        raise GateError(f"There is nothing to merge. {' '.join(one.en for one in problems)}")
    return found, problems


def _part(start: Start | None) -> tuple[int, int] | None:
    number, _, of = (start.settings.get("GATE_SHARD", "") if start else "").partition("/")
    return (int(number), int(of)) if number.isdigit() and of.isdigit() else None


def _differences(shards: Sequence[Shard]) -> Iterator[Text]:
    """What all must have in common, and which shards are not there."""
    first = shards[0]
    missing = [number for number in range(1, first.of + 1) if number not in {one.number for one in shards}]
    for number in missing:
        yield _text(f"Shard {number}/{first.of} is missing.", f"Части {number}/{first.of} нет.")
    images = {one.folder: images_in(one.folder, one.start.mark) for one in shards}
    known = [one for one in shards if images[one.folder]]
    for shard in shards[1:]:
        for (en, ru), one, other in zip(COMMON, _common(shard), _common(first), strict=True):
            if one != other:
                yield _text(
                    f"Shard {shard} is of another {en} than {first}: {one}, not {other}.",
                    f"Часть {shard} — с другим {ru}, чем {first}: {one}, а не {other}.",
                )
    for shard in known[1:]:
        if images[shard.folder] != images[known[0].folder]:
            yield _text(
                f"Shard {shard} judged another build than {known[0]}: the deployments ran other images.",
                f"Часть {shard} проверяла другую сборку, чем {known[0]}: образы развёртываний отличаются.",
            )


def _common(shard: Shard) -> tuple[object, ...]:
    """In the order of `COMMON`."""
    run, start = shard.run, shard.start
    return shard.of, start.suite.get("commit"), start.target, run.exit.features if run.exit else ""


def _of_one(shard: Shard) -> Iterator[Text]:
    """What is wrong with one shard by itself; the judge could no longer tell whose it is."""
    for problem in shard.run.problems:
        yield _text(f"Shard {shard}: {problem.en}", f"Часть {shard}: {problem.ru}")
    results = shard.run.results
    if shard.run.end is None or shard.run.exit is None:
        yield _text(
            f"Shard {shard} has no end: it crashed or was killed.",
            f"У части {shard} нет конца: она упала или была убита.",
        )
    elif (shard.run.exit.code == 0) != all(one.status == "passed" for one in results):
        yield _text(
            f"Shard {shard}: behave ended with code {shard.run.exit.code}, which its results do not say.",
            f"Часть {shard}: behave завершился с кодом {shard.run.exit.code}, чего нет в её результатах.",
        )


def _write(shards: Sequence[Shard], problems: Iterable[Text], path: Path) -> None:
    first = shards[0]
    starts = [one.start for one in shards]
    start = asdict(first.start) | {
        "started": min(one.started for one in starts),
        "selection": [key for one in starts for key in one.selection],
        "settings": {name: raw for name, raw in first.start.settings.items() if name != "GATE_SHARD"},
        "shards": {str(one): one.start.mark for one in shards},
    }
    suites = [one.suite for one in starts]
    start["suite"] = first.start.suite | {"dirty": any(suite.get("dirty") for suite in suites)}
    lines: list[dict[str, Any]] = [{"kind": "start", **start}]
    lines += [{"kind": "scenario", **asdict(result)} for one in shards for result in one.run.results]
    lines += [{"kind": "problem", **asdict(problem)} for problem in problems]
    lines += [_end(shards), _exit(shards)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def _end(shards: Sequence[Shard]) -> dict[str, Any]:
    ends = [one.run.end for one in shards if one.run.end]
    counts: Counter[str] = Counter()
    for shard in shards:
        counts.update(shard.run.end.behave if shard.run.end else (one.status for one in shard.run.results))
    return {
        "kind": "end",
        "behave": dict(counts),
        "aborted": any(one.aborted for one in ends),
        "finished": max((one.finished for one in ends), default=shards[0].start.started),
        "cleaning": "; ".join(one.cleaning for one in ends if one.cleaning),
        "died": [one for end in ends for one in end.died],
        "kept": [one for end in ends for one in end.kept],
        "restarted": sorted({one for end in ends for one in end.restarted}),
    }


def _exit(shards: Sequence[Shard]) -> dict[str, Any]:
    exits = [one.run.exit for one in shards if one.run.exit]
    return {
        "kind": "exit",
        "code": max((one.code for one in exits), default=1),
        "features": next((one.features for one in exits), ""),
    }


def _gather(shards: Sequence[Shard], reports: Path) -> None:
    """The files beside the records. Allure's never clash; of what there is one of, the first counts."""
    for name in (ALLURE, SCREENSHOTS):
        shutil.rmtree(reports / name, ignore_errors=True)
        for shard in shards:
            if (shard.folder / name).is_dir():
                shutil.copytree(shard.folder / name, reports / name, dirs_exist_ok=True)
    for name in (CLUSTER, SMOKE):
        (reports / name).unlink(missing_ok=True)
        holder = next((one for one in shards if (one.folder / name).is_file()), None)
        if holder:
            shutil.copyfile(holder.folder / name, reports / name)
    _as_the_first(reports / CLUSTER, shards[0].start.mark)


def _as_the_first(path: Path, mark: str) -> None:
    """The state of the cluster belongs to a mark: that of the whole is its first shard's."""
    if path.is_file():
        state = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(state | {"mark": mark}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _text(en: str, ru: str) -> Text:
    return Text(en, ru)
