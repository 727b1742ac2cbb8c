"""Log lines as files (tests/corpus/logs), and what an event says in the words of such a file."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

from mailtrace.delivery.logs import Clock
from mailtrace.delivery.logs.formats import FORMATS

FILES = sorted((Path(__file__).parents[2] / "corpus" / "logs").glob("*.toml"))
NEWEST = datetime(2026, 11, 1, tzinfo=UTC)
CLOCK = Clock(zone=UTC, newest=NEWEST)


def cases():
    """Every case of every file: the kind it must be recognised as, and the case."""
    for file in FILES:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        for case in content["case"]:
            yield f"{file.stem}: {case['name']}", case.get("kind", content["kind"]), content.get("head", ""), case


def lines_of(text):
    return [line.encode() for line in text.strip("\n").split("\n")]


def format_of(sample):
    return [one for one in FORMATS if one.recognises(sample)]


def read(lines, kind, clock=CLOCK):
    """Read lines with the reader of that kind."""
    (found,) = [one for one in format_of(lines) if one.kind == kind]
    reader = found.reader("mail.log", lines, clock)
    return [event for number, line in enumerate(lines, start=1) for event in reader.read(line, number)]


def said(event):
    """An event as a table of a case: what it says, and on which line."""
    found = {"line": event.source.line}
    for name in event.__slots__:
        value = getattr(event, name)
        if (
            value is None
            or (value is False and name in {"of_client", "of_all"})
            or name in {"source", "raw", "taken_for"}
        ):
            continue
        if name == "tls":
            value = f"{value.version} {value.cipher} {value.bits}"
        found[name] = list(value) if name == "delays" else value
    return found
