"""The plain forms of `mailtrace analyze`, read without click, whose import takes longer than to read a message.

What is not plain is click's: every abbreviation and `--option=value`, options that are seldom given, help, an option
from the environment, and whatever is wrong, so that the words for it are the same. Where both read, they read the
same; tests/cli/test_plain.py holds them to it.
"""

import os
from collections.abc import Iterator, Sequence
from typing import Any

from mailtrace.cli.ending import ended
from mailtrace.cli.wanted import Options, conditions_of, read

_FLAGS = {
    "--json": "json",
    "--jsonl": "jsonl",
    "--offline": "offline",
    "--no-prefetch": "no_prefetch",
    "--summary": "summary",
    "--explain-hops": "explain_hops",
    "--verbose": "verbose",
    "-v": "verbose",
}
_VALUES = {name: name.removeprefix("--").replace("-", "_") for name in ("--dns", "--output", "--keys", "--record")}
_WORDS = {"--format": ("text", "json", "jsonl"), "--color": ("auto", "always", "never")}
_SET_ELSEWHERE = ("MAILTRACE_ANALYZE_", "MAILTRACE_VERSION", "_MAILTRACE_")
"""Where click would look for options, or be asked to complete a word."""


def plainly_wanted(arguments: Sequence[str]) -> dict[str, Any] | None:
    """Return what a plain command line gives, as click would; None if it is not plain."""
    if not arguments or arguments[0] != "analyze" or os.name == "nt":  # there click replaces `*`
        return None
    if any(name.startswith(_SET_ELSEWHERE) for name in os.environ):
        return None
    given = Options()._asdict() | {"json": False, "jsonl": False, "format": None}
    sources, trusted = [], []
    rest = iter(arguments[1:])
    try:
        for word in rest:
            if word in _FLAGS:
                given[_FLAGS[word]] = True
            elif word == "--trust":
                trusted.append(_value(rest))
            elif word.startswith("-") and word != "-":
                given |= _option(word, rest)
            else:
                sources.append(word)
    except (ValueError, KeyError, StopIteration):
        return None
    return given | {"sources": tuple(sources), "trust": tuple(trusted)}


def _option(name: str, rest: Iterator[str]) -> dict[str, Any]:
    if name == "--fail-on":
        return {"fail_on": conditions_of(_value(rest))}
    if name not in _WORDS:
        return {_VALUES[name]: _value(rest)}
    value = _value(rest)
    if value not in _WORDS[name]:
        raise ValueError(value)
    return {name.removeprefix("--"): value}


def _value(rest: Iterator[str]) -> str:
    """Return the value of an option; what looks like an option itself is click's to judge."""
    value = next(rest)
    if value.startswith("-"):
        raise ValueError(value)
    return value


def run_plainly(given: dict[str, Any]) -> int:
    """Run, and return the exit status."""

    def run() -> int:
        from mailtrace.cli.analysis import analysis

        return analysis(read(**given))

    return ended(run, lambda: "analyze", lambda: False)
