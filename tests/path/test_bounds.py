"""What a hostile field may cost: counted in what is read and in calls, never in seconds."""

import pytest

from mailtrace.message import parse
from mailtrace.path import MAX_HOPS, rebuild, received, rows
from mailtrace.path.received import MAX_LENGTH
from tests.counting import calls

FIELD = b"Received: from a.example (a.example [192.0.2.1]) by b.example"
REST = b"\r\nFrom: ann@example.com\r\n\r\nHello.\r\n"

ONE_FIELD = {
    "a megabyte, flat": FIELD + b" (x" + b"y" * 1_000_000 + b") with ESMTP; 1 May 2026 10:00:00 +0000",
    "a megabyte of words": FIELD + b" word" * 200_000,
    "folded in 38,000 lines": FIELD + b"\r\n (a comment) word" * 38_000,
    "10,000 nested comments": FIELD + b"(" * 10_000 + b")" * 10_000 + b"; 1 May 2026 10:00:00 +0000",
}


def counted(monkeypatch, module, name, measure):
    """Let a function of a module run as it does, and keep what `measure` says of its first argument."""
    found, original = [], getattr(module, name)

    def wrapped(argument):
        found.append(measure(argument))
        return original(argument)

    monkeypatch.setattr(module, name, wrapped)
    return found


@pytest.mark.parametrize("name", ONE_FIELD)
def test_of_one_field_a_bounded_part_is_scanned(monkeypatch, name):
    lengths = counted(monkeypatch, received, "read_clauses", len)
    path = rebuild(parse(ONE_FIELD[name] + REST))
    assert len(lengths) == 1
    assert lengths[0] <= MAX_LENGTH
    assert "received-cut" in {finding.code for finding in path.findings}
    assert path.hops[0].received.client_ip == "192.0.2.1"
    assert path.hops[0].received.by == "b.example"


def test_of_100_000_fields_the_topmost_are_read(monkeypatch):
    fields = counted(monkeypatch, rows, "read", len)
    message = parse((FIELD + b"\r\n") * 100_000 + REST[2:])
    assert len(message.all("received")) == 100_000
    assert len(rebuild(message).hops) == len(fields) == MAX_HOPS


GROWING = {
    "words": lambda size: FIELD + b" word" * size,
    "folds": lambda size: FIELD + b"\r\n word" * size,
    "folds of white space": lambda size: FIELD + b"\r\n " * size,
    "comments": lambda size: FIELD + b" (a)" * size,
    "nested comments": lambda size: FIELD + b"(" * size + b")" * size,
    "open comments": lambda size: FIELD + b"(" * size,
    "keywords": lambda size: FIELD + b" by with id for" * size,
    "semicolons": lambda size: FIELD + b"; 1 May" * size,
    "fields": lambda size: (FIELD + b"\r\n") * size + FIELD,
}


@pytest.mark.parametrize("name", GROWING)
def test_twice_the_input_is_at_most_twice_the_work(name):
    """Below the limits, where nothing is cut yet: five hundred and a thousand of each."""
    small, large = (GROWING[name](size) + REST for size in (400, 800))
    rebuild(parse(large))  # what is compiled or remembered once is so by now
    once, twice = (calls(lambda raw=raw: rebuild(parse(raw))) for raw in (small, large))
    assert twice <= 2.1 * once + 200
