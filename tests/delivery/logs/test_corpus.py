"""Lines as files: tests/corpus/logs/*.toml gives for each line all that it says, and every event that comes of it."""

import pytest

from tests.delivery.logs.logs import cases, format_of, lines_of, read, said

CASES = [pytest.param(kind, head, case, id=name) for name, kind, head, case in cases()]


@pytest.mark.parametrize(("kind", "head", "case"), CASES)
def test_the_lines_say_what_is_written_beside_them(kind, head, case):
    assert [said(event) for event in read(lines_of(head + case["lines"]), kind)] == case.get("events", [])


@pytest.mark.parametrize(("kind", "head", "case"), CASES)
def test_one_format_recognises_them_and_no_other(kind, head, case):
    assert [one.kind for one in format_of(lines_of(head + case["lines"]))] == [kind]


@pytest.mark.parametrize(("kind", "head", "case"), CASES)
def test_every_event_has_its_line(kind, head, case):
    lines = lines_of(head + case["lines"])
    for event in read(lines, kind):
        assert event.raw == lines[event.source.line - 1].decode()
        assert event.source.name == "mail.log"
