"""The checks of the suite, and a suite in which one of them is left out.

A check is a place that can call the platform broken: an `ensure`, a `raise Broken`, a wait that may come to
nothing. Left out, an `ensure` and a `raise` do nothing, and a wait gives what was seen last. The code is
changed in the memory of the process only, function by function.
"""

from __future__ import annotations

import ast
import builtins
import gc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, TracebackType
from typing import Any

from proof.staging import ROOT

# Where the gate judges. The rest judges nothing: it waits, cleans up, reports.
JUDGES = ("gate/capabilities", "gate/console", "gate/doors", "gate/learning_cast.py",
          "gate/run_limits.py", "gate/run_rules.py", "gate/run_stories.py")  # fmt: skip
# What only ever excuses a failure of another check.
EXCUSES = ("gate/console/refused.py",)
WAITS = ("until", "never")
# Within these nothing that breaks is called broken.
FORGIVING = ("suppress(Broken", "another_lines_matter(")


@dataclass(frozen=True)
class Check:
    """One check; `name` is its function and its number there, which survives changes elsewhere in the file."""

    file: str
    name: str
    first: int
    last: int
    text: str
    waits: bool = False

    @property
    def id(self) -> str:
        """What tells it from all others."""
        return f"{self.file} {self.name}"


@cache
def checks() -> dict[str, Check]:
    """Every check of the suite by its id."""
    paths = [
        path
        for place in JUDGES
        for path in sorted((ROOT / place).rglob("*.py") if (ROOT / place).is_dir() else [ROOT / place])
    ]
    found = (check for path in paths for check in _checks_of(path))
    return {check.id: check for check in found if check.file not in EXCUSES}


def innermost(trace: TracebackType | None) -> str:
    """The id of the innermost check that an error went through; empty when it came from none."""
    found = ""
    while trace:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(ROOT):
            found = _at(path.relative_to(ROOT).as_posix(), trace.tb_lineno) or found
        trace = trace.tb_next
    return found


def weaken(id: str) -> None:
    """Leave the check out, from now on, in this process."""
    check = checks()[id]
    path = ROOT / check.file
    tree = ast.parse(path.read_text(encoding="utf-8"))
    changed = ast.fix_missing_locations(_Weakened(check).visit(tree))
    codes = {(code.co_qualname, code.co_firstlineno): code for code in _codes(compile(changed, str(path), "exec"))}
    builtins.__dict__["_as_seen_last"] = as_seen_last
    for function in [one for one in gc.get_objects() if isinstance(one, FunctionType)]:
        ours = function.__code__
        if ours.co_filename == str(path) and (code := codes.get((ours.co_qualname, ours.co_firstlineno))):
            function.__code__ = code


def as_seen_last(wait: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Wait as it would be waited, and take what was seen last for what was wanted."""
    from gate.errors import Broken

    try:
        return wait(*arguments, **named)
    except Broken as late:
        trace = late.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        if trace is None or Path(trace.tb_frame.f_code.co_filename) != ROOT / "gate" / "waiting.py":
            raise
        return trace.tb_frame.f_locals.get("now")


class _Weakened(ast.NodeTransformer):
    def __init__(self, check: Check) -> None:
        self._check = check

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not self._is_it(node):
            return node
        if _called(node) == "ensure":
            # What it asks is asked all the same: asking may do something.
            return ast.copy_location(ast.Tuple([node.args[0]], ast.Load()), node)
        lenient = ast.Name("_as_seen_last", ast.Load())
        return ast.copy_location(ast.Call(lenient, [node.func, *node.args], node.keywords), node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return ast.copy_location(ast.Pass(), node) if self._is_it(node) else node

    def _is_it(self, node: ast.Call | ast.Raise) -> bool:
        return _is_check(node) and (node.lineno, node.end_lineno) == (self._check.first, self._check.last)


def _is_check(node: ast.AST) -> bool:
    if isinstance(node, ast.Raise):
        raised = node.exc
        return isinstance(raised, ast.Call) and _called(raised) == "Broken"
    return isinstance(node, ast.Call) and (_called(node) == "ensure" or _called(node).startswith(WAITS))


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _checks_of(path: Path) -> Iterator[Check]:
    file, source = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    tree, numbers = ast.parse(source), dict[str, int]()
    forgiven = _named(node for node in ast.walk(tree) if _forgives(node)) - _named(_unforgiven(tree))
    for function, node in _within(tree, ""):
        if function.rpartition(".")[2].startswith(WAITS) or function.rpartition(".")[2] in forgiven:
            continue  # it waits in another's name, or is only asked where that is forgiven
        numbers[function] = numbers.get(function, 0) + 1
        text = " ".join((ast.get_source_segment(source, node) or "").split())
        name, last = f"{function} {numbers[function]}", node.end_lineno or node.lineno
        waits = isinstance(node, ast.Call) and _called(node).startswith(WAITS)
        yield Check(file, name, node.lineno, last, text, waits)


def _within(node: ast.AST, inside: str) -> Iterator[tuple[str, Any]]:
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.FunctionDef | ast.ClassDef)
        name = (
            f"{inside}.{child.name}".lstrip(".") if isinstance(child, ast.FunctionDef | ast.ClassDef) else inside
        )
        if _forgives(child):
            continue
        if _is_check(child):
            yield name, child
            if isinstance(child, ast.Raise):
                continue
        yield from _within(child, name if named else inside)


def _named(nodes: Iterable[ast.AST]) -> set[str]:
    """The names of what these nodes ask of the object that they belong to."""
    inside = (each for node in nodes for each in ast.walk(node) if isinstance(each, ast.Attribute))
    return {each.attr for each in inside if isinstance(each.value, ast.Name) and each.value.id == "self"}


def _unforgiven(node: ast.AST) -> Iterator[ast.AST]:
    """What is asked elsewhere, expression by expression."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        elif not _forgives(child):
            yield from _unforgiven(child)


def _forgives(node: ast.AST) -> bool:
    """Whether what breaks in there is never called broken: it is caught where it stands, and not raised again."""
    if isinstance(node, ast.With):
        opened = " ".join(ast.unparse(item.context_expr) for item in node.items)
        return any(call in opened for call in FORGIVING)
    if isinstance(node, ast.Try):
        caught = [one for one in node.handlers if one.type and ast.unparse(one.type) == "Broken"]
        raised = [one for handler in caught for one in ast.walk(handler) if isinstance(one, ast.Raise)]
        return bool(caught) and all(one.exc is not None for one in raised)
    return False


@cache
def _at(file: str, line: int) -> str:
    fitting = [one for one in checks().values() if one.file == file and one.first <= line <= one.last]
    return min(fitting, key=lambda one: one.last - one.first).id if fitting else ""


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
