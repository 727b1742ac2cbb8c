"""Patterns that are compiled when they are used: they behave like others, and every one of them compiles."""

import importlib
import pathlib
import re

import pytest

import mailtrace
from mailtrace.patterns import _Lazy, lazy
from mailtrace.records import Struct


def test_it_is_compiled_once_and_when_it_is_used(monkeypatch):
    compiled = []
    monkeypatch.setattr("mailtrace.patterns.re.compile", lambda *given: compiled.append(given) or PATTERN)
    pattern = lazy("(a)b", re.IGNORECASE)
    assert compiled == []
    assert pattern.match("AB")[1] == "A"
    assert pattern.match("c") is None
    assert compiled == [("(a)b", re.IGNORECASE)]


PATTERN = re.compile("(a)b", re.IGNORECASE)


@pytest.mark.parametrize(
    ("method", "given"),
    [("match", ("abc",)), ("fullmatch", ("abc",)), ("search", ("cab",)), ("findall", ("abab",)), ("sub", ("x", "abc"))],
)
def test_every_method_is_that_of_the_compiled_pattern(method, given):
    ours, plain = (getattr(pattern, method)(*given) for pattern in (lazy("(a)b", re.IGNORECASE), PATTERN))
    assert [ours] == [plain] or ours.span() == plain.span()


def lazy_patterns():
    root = pathlib.Path(mailtrace.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if "lazy(" in path.read_text("utf-8") and path.name != "patterns.py":
            name = ".".join(path.relative_to(root.parent).with_suffix("").parts).removesuffix(".__init__")
            yield from ((name, value) for value in everything(vars(importlib.import_module(name)).values()))


def everything(values):
    for value in values:
        if isinstance(value, _Lazy):
            yield value
        elif isinstance(value, tuple):
            yield from everything(value)
        elif isinstance(value, dict):
            yield from everything(value.values())
        elif isinstance(value, Struct):
            yield from everything(getattr(value, name) for name in value.__struct_fields__)


def test_every_pattern_compiles():
    found = list(lazy_patterns())
    assert len(found) > 40
    for module, pattern in found:
        assert pattern.flags is not None, module
