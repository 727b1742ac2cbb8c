"""Whatever a file holds: no reader raises, and no line costs more than its length."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.delivery.events import MAX_RAW
from mailtrace.delivery.logs import MAX_LINE
from mailtrace.delivery.logs.formats import FORMATS
from tests.delivery.logs.logs import CLOCK, cases, lines_of

LINES = [line for _, _, head, case in cases() for line in lines_of(head + case["lines"])]
formats = pytest.mark.parametrize("one", FORMATS, ids=[one.kind for one in FORMATS])


def feed(one, lines):
    one.recognises(lines)
    reader = one.reader("mail.log", lines, CLOCK)
    for number, line in enumerate(lines, start=1):
        reader.time_of(line)
        for event in reader.read(line, number):
            assert len(event.raw) <= MAX_RAW
            assert event.time is None or event.time.utcoffset() == timedelta(0)


@formats
@given(lines=st.lists(st.binary(max_size=300), max_size=5))
def test_any_octets(one, lines):
    feed(one, lines)


@formats
@given(data=st.data())
def test_lines_that_are_broken(one, data):
    """Cut, doubled, and with octets replaced: what a full disk or a cut-off file makes of a line."""
    line = data.draw(st.sampled_from(LINES))
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(line))] * 2)))
    feed(one, [line[:start] + data.draw(st.binary(max_size=5)) + line[end:], line[start:], line[:end]])


def test_a_line_that_ends_before_the_reply():
    feed(FORMATS[0], [b"Oct 20 10:00:00 mx postfix/smtp[7]: 3F2A1C0B31: host mx.example.org[192.0.2.1] said: "])


@pytest.mark.parametrize("token", [b"a", b" ", b"[", b'"', b"<", b"a=", b", ", b"; from=<"])
def test_a_long_line_costs_no_more_than_its_length(token):
    """Lines of every kind, a part of them followed by as many tokens as are read; linear, or it does not end."""
    for _, kind, head, case in cases():
        lines = lines_of(head + case["lines"])
        one = next(one for one in FORMATS if one.kind == kind and one.recognises(lines))
        reader = one.reader("mail.log", lines, CLOCK)
        line = lines[-1]
        for start in (line, line[: len(line) * 3 // 4], line[: line.find(b": ") + 2]):
            long = start + token * (MAX_LINE // len(token))
            reader.read(long, 1)
            reader.is_line(long)
            reader.breaks_off(long)


@pytest.mark.parametrize("token", [b"[", b"a[", b"a[b", b"(a "])
@pytest.mark.parametrize("program", [b"smtp", b"smtpd", b"lmtp", b"tlsproxy", b"cleanup"])
def test_a_long_line_of_any_program_of_postfix(program, token):
    """Whose line it is, is told by how it begins: with a server and its address, among others."""
    before = b"Oct 20 10:00:00 mx postfix/%b[7]: " % program
    sample = [before + b"connect to mx.example.org[192.0.2.1]:25: Connection refused"]
    reader = FORMATS[0].reader("mail.log", sample, CLOCK)
    long = before + token * (MAX_LINE // len(token))
    assert reader.read(long, 1) == ()
    for ask in (reader.is_line, reader.breaks_off, reader.knows, reader.writer, reader.passes):
        ask(long)
    assert not reader.shows_tls(long, ())


def test_a_time_without_a_year_is_the_last_one_before_the_newest():
    (one,) = [one for one in FORMATS if one.kind == "postfix-log"]
    reader = one.reader("mail.log", [], CLOCK)
    assert not reader.year_inferred
    assert reader.time_of(b"Nov  2 00:00:00 mx postfix/qmgr[1]: x") == datetime(2026, 11, 2, tzinfo=UTC)
    assert reader.time_of(b"Nov  2 00:00:01 mx postfix/qmgr[1]: x") == datetime(2025, 11, 2, 0, 0, 1, tzinfo=UTC)
    assert reader.time_of(b"Feb 29 10:00:00 mx postfix/qmgr[1]: x") == datetime(2024, 2, 29, 10, tzinfo=UTC)
    assert reader.time_of(b"Feb 30 10:00:00 mx postfix/qmgr[1]: x") is None
    assert reader.year_inferred
