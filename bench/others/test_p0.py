"""The gate's features under pytest-bdd: its own sentences and step functions, only the runner is another."""

import os
from types import SimpleNamespace

import pytest
from behave.runner_util import load_step_modules
from behave.step_registry import registry
from pytest_bdd import given, parsers, scenarios, then, when

from gate import evidence
from gate.settings import load
from gate.target import ROOT, Target
from gate.world import World

NUMBERS = iter(range(1, 10_000))


@pytest.fixture(scope="session")
def target():
    """The staging, as the gate has it in its hands."""
    opened = Target(load())
    yield opened
    opened.clean_up()
    opened.close()


@pytest.fixture
def context(target):
    """A new world for each scenario."""
    left = []
    evidence.begin()
    world = World(target, "en", next(NUMBERS), lambda *call: left.append(call))
    yield SimpleNamespace(world=world)
    evidence.flush("What was sent and seen")
    world.close()
    for function, *arguments in reversed(left):
        function(*arguments)


load_step_modules([str(ROOT / "steps")])
for kind, decorate in (("given", given), ("when", when), ("then", then)):
    for one in registry.steps[kind]:
        decorate(parsers.parse(one.pattern))(one.func)
for name in os.environ["FEATURES"].split():
    scenarios(str(ROOT / name))
