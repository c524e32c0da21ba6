"""Features that behave takes badly: unreadable ones, steps that nobody knows, scenarios that lost something."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gate.errors import GateError, NotProven
from gate.language import language_here, say, speak

if TYPE_CHECKING:
    from runner.reading import Problem

SHOWN = 10


def tell_unreadable() -> None:
    """From now on behave tells a file that is not in UTF-8, or of no known language, in one sentence."""
    import behave.runner

    if not hasattr(behave.runner.parse_features, "told"):
        behave.runner.parse_features = _told(behave.runner.parse_features)
        behave.runner.collect_feature_locations = _there(behave.runner.collect_feature_locations)


def tell_undefined() -> None:
    """From now on a dry run, which only counts the steps that nobody knows, says which they are and where."""
    import behave.runner

    run_model = behave.runner.ModelRunner.run_model
    if hasattr(run_model, "told"):
        return

    def told(runner: Any, *arguments: Any) -> Any:
        _expect_ready(runner)
        failed = run_model(runner, *arguments)
        if runner.config.dry_run and runner.undefined_steps:
            places = dict.fromkeys(f"{one.location}: {one.keyword} {one.name}" for one in runner.undefined_steps)
            print(
                "\nNobody knows these steps; `python -m gate check` tells the nearest known ones:",
                *places,
                sep="\n  ",
            )
        return failed

    told.told = True  # type: ignore[attr-defined]
    behave.runner.ModelRunner.run_model = told


def without_steps(scenario: Any) -> NotProven | None:
    """A scenario whose first step is misspelt has no steps for behave, only a description, and would be green."""
    if list(scenario.all_steps):
        return None
    return NotProven(
        say(
            "The scenario has no steps. Is the first one misspelt? `python -m gate check` tells.",
            "В сценарии нет шагов. Нет ли опечатки в первом? Подскажет `python -m gate check`.",
        ),
        "suite",
    )


def out_of_order(root: Path, features: Iterable[Any], registry: Any) -> list[Problem]:
    """What `python -m gate check` says of these features and their twins, if it changes what the run proves."""
    from runner.check import essential

    run = {Path(feature.filename).name for feature in features}
    return [one for one in essential(root, registry) if Path(one.file).name in run]


def told_out_of_order(problems: Iterable[Problem]) -> str:
    """For whoever looks at the screen: each in the language of its file."""
    rows = [_spoken(one) for one in problems]
    if not rows:
        return ""
    head = say(
        "The features are not in order, so this run is no proof. `python -m gate check` tells the same:",
        "Сценарии не в порядке, поэтому прогон ничего не доказывает. То же говорит `python -m gate check`:",
    )
    more = [f"… +{len(rows) - SHOWN}"] if len(rows) > SHOWN else []
    return "\n  ".join([head, *rows[:SHOWN], *more])


def _expect_ready(runner: Any) -> None:
    """Before the hooks, in which a refusal stands between lines of behave's own. A shard may be empty."""
    from behave.exception import ConfigError

    from gate.settings import PREFIX, load

    # Until a scenario begins, that of whoever sits here.
    speak(language_here())
    if runner.config.dry_run:
        return
    try:
        settings = load({name: value for name, value in runner.config.userdata.items() if name.startswith(PREFIX)})
    except GateError as wrong:
        raise ConfigError(str(wrong)) from None
    scenarios = (scenario for feature in runner.features for scenario in feature.walk_scenarios())
    if not (settings["GATE_SHARD"] or any(scenario.should_run(runner.config) for scenario in scenarios)):
        raise ConfigError(nothing_selected())


def nothing_selected() -> str:
    """What is said when there is nothing to run."""
    return say(
        "No scenario is selected. Look at the spelling of --tags, --name and the file names.",
        "Не выбран ни один сценарий. Проверьте написание --tags, --name и имён файлов.",
    )


def _there(collect: Any) -> Any:
    from behave.exception import ConfigError

    def there(*arguments: Any, **named: Any) -> Any:
        try:
            return collect(*arguments, **named)
        except FileNotFoundError as missing:
            speak(language_here())
            told = say(f"There is no feature {missing}. Look at its spelling.", f"Нет файла {missing}.")
            raise ConfigError(told) from None

    return there


def _spoken(problem: Problem) -> str:
    """In the language of its file."""
    told = problem.placed()
    return told.ru if Path(problem.file).parent.name == "ru" else told.en


def _told(parse_features: Any) -> Any:
    from behave.exception import ConfigError
    from behave.parser import ParserError

    def told(places: Iterable[Any], language: str | None = None) -> Any:
        places = list(places)
        try:
            return parse_features(places, language)
        except (ParserError, UnicodeDecodeError, KeyError):
            problems = [told for name in dict.fromkeys(place.filename for place in places) for told in _why(name)]
            if problems:
                raise ConfigError("\n".join(problems)) from None
            raise

    told.told = True  # type: ignore[attr-defined]
    return told


def _why(name: str) -> list[str]:
    """What keeps a file from being read, as the check says it; as behave does where its folder has no language."""
    from gate.expected import parse
    from runner.reading import LANGUAGES, read

    for language in LANGUAGES:
        if Path(name).parent.name == language:
            return [_spoken(problem) for problem in read(Path(name), name, language).problems]
    try:
        parse(Path(name), name)
    except GateError as wrong:
        return [str(wrong)]
    return []
