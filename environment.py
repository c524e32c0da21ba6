"""The hooks: open and close the target, hand each scenario its world, collect the evidence."""

import sys
from collections import Counter
from itertools import count
from pathlib import Path

from behave.formatter.base import StreamOpener
from behave.runner import the_step_registry

from gate import evidence
from gate.errors import GateError
from gate.language import say, speak
from runner import guard, progress, record, redacting, retrying, shards
from runner.bytecode import keep_bytecode
from runner.matching import use_plain_words_first
from runner.outlines import mend_outlines
from runner.unreadable import (
    nothing_selected,
    out_of_order,
    tell_undefined,
    tell_unreadable,
    told_out_of_order,
    without_steps,
)

# Before the hooks: behave reads the features first.
tell_unreadable()

# Not in a hook: a dry run calls none.
mend_outlines()
tell_undefined()
keep_bytecode()
use_plain_words_first(the_step_registry)


def before_all(context):
    """Read the settings, see what is selected, open the target, begin the record."""
    # Here, not above: a dry run calls no hook, and what only a run needs is a third of what there is to load.
    from gate.cluster_state import builds
    from gate.document import load_document
    from gate.folder import RECORD
    from gate.opening import open_target
    from gate.safety import announced, mixture, refuse_production
    from gate.settings import PREFIX, load

    overrides = {name: value for name, value in context.config.userdata.items() if name.startswith(PREFIX)}
    settings = load(overrides)
    redacting.redact_screen(sys.stdout, sys.stderr)
    context.selected = list(_selected(context))
    if context.selected:
        context.selected = shards.keep_shard(context.selected, settings["GATE_SHARD"])
    if not context.selected and not settings["GATE_SHARD"]:
        raise GateError(nothing_selected())
    shown = _add_formatters(context, settings, len(context.selected))
    context.target = open_target(settings, _tell)
    # What was seen earlier in the run is kept with the target; another attempt looks anew.
    context.retrying = retrying.Retrying(
        context.selected, settings["GATE_RETRIES"], shown.tried, context.target.kept.clear
    )
    if settings["GATE_DOMAIN"]:
        document = load_document(settings["GATE_DOCUMENT"])
        refuse_production(context.target, flagged=context.config.userdata.getbool("production"))
        if told := mixture(context.target):
            _tell(told)
        _tell(announced(context.target, document, [scenario.effective_tags for scenario in context.selected]))
    context.builds = builds(context.target) if settings["GATE_DOMAIN"] else {}
    context.numbers = count(1)
    context.left = {}
    record.RUN.stop = context._runner.abort
    record.RUN.start(
        settings["GATE_REPORTS"] / RECORD,
        mark=context.target.mark,
        target=context.target.settings["GATE_DOMAIN"],
        settings=context.target.settings.shown(),
        selection=[record.key_of(scenario) for scenario in context.selected],
    )
    guard.guard_steps(context._runner.step_registry, _not_proven)
    context.problems = out_of_order(Path.cwd(), context._runner.features, the_step_registry)
    record.RUN.doubt(problem.placed() for problem in context.problems)
    if context.problems:
        _tell(told_out_of_order(context.problems))


def before_worker(context, number, workers):
    """In a worker of a run, before its first scenario: doors of its own, marks that no other worker gives."""
    context.target.reopen()
    context.numbers = count(number, workers)


def before_feature(context, feature):
    """Its scenarios may be tried again."""
    context.retrying.watch(feature)


def before_scenario(context, scenario):
    """A new world, in the scenario's language."""
    from gate.safety import not_played
    from gate.world import World

    speak("ru" if scenario.feature.language == "ru" else "en")
    context.outcome = record.RUN.running(scenario, evidence.begin(), context.retrying.attempt)
    context.target.standing.begin(record.ids_of(scenario))
    # A dictionary keeps each reason once, in the order in which they came.
    add_cleanup = guard.forgiving(context.add_cleanup, lambda reason: context.left.setdefault(reason))
    context.world = World(context.target, scenario.feature.language, next(context.numbers), add_cleanup)
    if reason := not_played(context.target.settings, scenario.effective_tags) or without_steps(scenario):
        _not_proven(context, reason)
        scenario.skip(str(reason))


def after_step(context, step):
    """Attach what the step did; when it failed, also what the browser shows."""
    if step.status.name in ("failed", "error"):
        context.world.show_failure()
    evidence.flush(say("What was sent and seen", "Что отправлено и увидено"))


def after_scenario(context, scenario):
    """Close what the scenario opened; after a failure the edge is looked at anew."""
    if scenario.status.has_failed():
        context.target.standing.doubt()
    context.world.close()


def after_worker(context):
    """Close the worker's doors; the answer is what the run needs to know of it."""
    opened = sorted(context.target.opened())
    context.target.close()
    return {"opened": opened, "left": list(context.left)}


def after_all(context):
    """Clean up after the whole run, close the target, end the record; what is not proven is no success."""
    from gate.cluster_state import keep_cluster, restarted, rolled_out

    speak("en")
    left = ""
    if "target" in context:
        try:
            left = "\n".join(filter(None, (context.target.clean_up(), *context.left)))
        finally:
            statuses = (scenario.status.name for scenario in context.selected)
            counted = Counter(status for status in statuses if status != "untested")
            record.RUN.doubt(rolled_out(context.target, getattr(context, "builds", {})))
            record.RUN.end(
                behave=counted,
                aborted=bool(context._runner.aborted),
                cleaning=left,
                kept=context.target.kept_rows,
                restarted=restarted(context.target),
            )
            missing = keep_cluster(context.target, context.target.settings["GATE_REPORTS"])
            context.target.close()
        if missing:
            _tell(f"The state of the cluster was not kept whole: {missing}")
    reasons = record.RUN.not_proven
    unproven = f"{len(reasons)} scenario(s) are not proven.\n{progress.told_together(reasons)}" if reasons else ""
    # Whoever writes a scenario has one language first. Not there at all when the settings were refused.
    unordered = told_out_of_order(one for one in getattr(context, "problems", ()) if one.weight == "lost")
    if told := "\n".join(filter(None, (left, unproven, unordered, record.RUN.told_lost()))):
        # A result and no success: raised here it would look like an error of the suite, said here it is captured.
        context.add_cleanup(print, told)
        context._runner.hook_failures += 1


def _not_proven(context, reason):
    context.outcome.not_proven = str(reason)
    context.outcome.category = reason.category


def _selected(context):
    for feature in context._runner.features:
        for scenario in feature.walk_scenarios():
            if scenario.should_run(context.config):
                yield scenario


def _add_formatters(context, settings, total):
    """Add ours here: a dry run loads no reporter, and behave.ini could name only an installed package."""
    from gate.folder import ALLURE, claim, forget
    from runner import allure_results

    config, formatters = context.config, context._runner.formatters
    context.claimed = claim(settings["GATE_REPORTS"])
    forget(settings["GATE_REPORTS"])
    results = settings["GATE_REPORTS"] / ALLURE
    results.mkdir(parents=True)
    somebody_prints = any(formatter.name != "null" for formatter in formatters)
    progress.Progress.total = total
    # A feature of which nothing is selected calls no hook that would pass it over.
    config.userdata["AllureFormatter.hide_excluded"] = True
    formatters.append(allure_results.formatter(results, config, record.RUN.lose))
    shown = progress.Progress(StreamOpener(stream=sys.stdout), config, quiet=somebody_prints)
    formatters.append(shown)
    return shown


def _tell(line):
    print(line, file=sys.stderr, flush=True)
