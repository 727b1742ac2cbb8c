"""What is read without click is read as click reads it."""

import inspect
import subprocess
import sys

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.cli.analyze import analyze
from mailtrace.cli.lean import cleandoc
from mailtrace.cli.output import WrongUsageError
from mailtrace.cli.plain import plainly_wanted
from mailtrace.cli.program import main
from mailtrace.cli.wanted import Options, read

WORDS = (
    *("msg.eml", "other.eml", "-", "--", "", "-x", "nothing"),
    *("--json", "--jsonl", "--offline", "--no-prefetch", "--summary", "--explain-hops", "-v", "--verbose", "--debug"),
    *("--dns", "--output", "--keys", "--record", "--trust", "--fail-on", "--format", "--color", "--resolver", "--jobs"),
    *("text", "json", "always", "auto", "never", "none", "forged", "forged,spf-fail", "FORGED, ", "none,forged", ","),
    *("--dns=x", "--js", "--width", "80", "-0", "--files-from", "--help", "-vv", "--policy", "hipaa"),
)


@pytest.fixture(autouse=True)
def nothing_elsewhere(monkeypatch):
    monkeypatch.delenv("MAILTRACE_ANALYZE_JOBS", raising=False)


def outcome(words):
    """Return the options, or what is wrong with them."""
    try:
        return read(**words)
    except WrongUsageError as fault:
        return str(fault)


def clicks(words):
    # With the program's own context above it: a command keeps the help option that its first context names.
    with (
        click.Context(main, **main.context_settings) as above,
        analyze.make_context("analyze", list(words), above) as context,
    ):
        return outcome(context.params)


@given(words=st.lists(st.sampled_from(WORDS), max_size=6))
def test_both_read_the_same(words):
    wanted = plainly_wanted(["analyze", *words])
    if wanted is not None:
        assert outcome(wanted) == clicks(words)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("msg.eml",),
        ("msg.eml", "--dns", "dns.json", "--json", "--fail-on", "none"),
        ("--color", "always", "--trust", "mx.example.net", "--trust", "192.0.2.0/24", "-v", "msg.eml", "-"),
        ("--jsonl", "--offline", "--output", "out", "box", "--summary"),
        ("--json", "--jsonl", "msg.eml"),
        ("-", "-"),
        ("--dns", "x", "--offline", "msg.eml"),
    ],
    ids=" ".join,
)
def test_what_is_plain(words):
    assert outcome(plainly_wanted(["analyze", *words])) == clicks(words)


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("--dns=dns.json", "msg.eml"),
        ("--dns",),
        ("--dns", "--json", "msg.eml"),
        ("--color", "sometimes", "msg.eml"),
        ("--fail-on", "nonsense", "msg.eml"),
        ("--jobs", "2", "box"),
        ("--", "-x"),
        ("-v0", "msg.eml"),
    ],
    ids=" ".join,
)
def test_what_is_not_plain_is_left_to_click(words):
    assert plainly_wanted(["analyze", *words]) is None


@pytest.mark.parametrize("words", [(), ("find", "log"), ("--version",), ("analyse", "msg.eml")], ids=" ".join)
def test_other_commands_are_left_to_click(words):
    assert plainly_wanted(words) is None


@pytest.mark.parametrize("name", ["MAILTRACE_ANALYZE_DNS", "MAILTRACE_VERSION", "_MAILTRACE_COMPLETE"])
def test_an_option_from_the_environment_is_left_to_click(monkeypatch, name):
    monkeypatch.setenv(name, "1")
    assert plainly_wanted(["analyze", "msg.eml"]) is None


def test_the_defaults_are_those_of_the_help():
    assert clicks(["msg.eml"]) == Options(sources=("msg.eml",))


@given(text=st.text(alphabet="ab \t\n", max_size=40))
def test_indentation_is_taken_out_as_the_standard_library_does(text):
    assert cleandoc(text) == inspect.cleandoc(text)


def test_the_program_has_all_of_what_was_left_out_when_it_asks_for_it():
    code = """
import sys
from mailtrace.cli.lean import import_click, import_msgspec
import_click(); import_msgspec()
left = {"inspect", "gettext", "uuid", "decimal", "msgspec.inspect", "msgspec._json_schema", "msgspec.toml"}
assert not left & set(sys.modules), left & set(sys.modules)
import click, decimal, inspect, msgspec, msgspec.inspect, uuid
assert inspect.signature and uuid.uuid4() and decimal.Decimal("1.5") and msgspec.inspect.type_info(int)
assert msgspec.json.schema(int) == {"type": "integer"}
assert click.core.inspect.isfunction(print) is False
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
