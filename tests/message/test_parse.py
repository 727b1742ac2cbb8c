"""RFC 5322: the message as it was found."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtrace.errors import MailtraceError, MessageError
from mailtrace.message import LineEnding, _instant_by_library, parse

PLAIN = b"From: Ann <ann@example.com>\r\nSubject: a\r\n folded\r\n\r\nbody\r\n"


def codes(message):
    return [defect.code for defect in message.defects]


def body(message):
    return b"".join(message.body.chunks(3))


def test_keeps_every_octet():
    message = parse(PLAIN)
    assert b"".join(f.raw for f in message.fields) + b"\r\n" + body(message) == PLAIN
    assert [(f.name, f.value, f.index, f.line) for f in message.fields] == [
        ("From", "Ann <ann@example.com>", 0, 1),
        ("Subject", "a folded", 1, 2),
    ]
    assert message.size == len(PLAIN)
    assert message.defects == ()


def test_body_can_be_read_twice_and_side_by_side():
    message = parse(io.BytesIO(PLAIN))
    one, two = message.body.chunks(2), message.body.chunks(2)
    assert (next(one), next(two), next(one)) == (b"bo", b"bo", b"dy")
    assert body(message) == b"body\r\n"
    assert message.body.size == 6


@pytest.mark.parametrize(
    ("raw", "ending"),
    [
        (b"From: a@b.example\r\n\r\nx\r\n", LineEnding.CRLF),
        (b"From: a@b.example\n\nx\n", LineEnding.LF),
        (b"From: a@b.example\r\n\r\nx\n", LineEnding.MIXED),
        (b"From: a@b.example", LineEnding.NONE),
    ],
)
def test_line_ending(raw, ending):
    assert parse(raw).line_ending is ending


def test_crlf_across_a_read_boundary_counts_once(monkeypatch):
    monkeypatch.setattr("mailtrace.message._CHUNK", 18)
    assert parse(b"From: a@b.example\r\n\r\nx\r\n").line_ending is LineEnding.CRLF


@pytest.mark.parametrize(
    ("raw", "code", "rest"),
    [
        (b"From a@b Mon Jan  1 00:00:00 2026\nFrom: a@b.example\n\nx\n", "mbox-from-line", b"x\n"),
        (b">From a@b Mon Jan  1 00:00:00 2026\nFrom: a@b.example\n\nx\n", "mbox-from-line", b"x\n"),
        (b"\xef\xbb\xbfFrom: a@b.example\n\nx\n", "byte-order-mark", b"x\n"),
        (b"\n\nFrom: a@b.example\n\nx\n", "leading-empty-line", b"x\n"),
        (b"From: a@b.example\nhello there\nmore: x\n\nx\n", "not-a-field", b"x\n"),
        (b"From: a@b.example\nhello there\nmore of it\n\nx\n", "header-ends-early", b"hello there\nmore of it\n\nx\n"),
        (b"From: a@b.example\nX: " + b"a" * 999 + b"\n\nx\n", "line-too-long", b"x\n"),
        (b"From: a@b.example\nX: a\rb\n\nx\n", "bare-cr", b"x\n"),
        (b"From: a@b.example\nX: a\0b\n\nx\n", "nul", b"x\n"),
        (b"From: a@b.example\nX: \xff\n\nx\n", "not-utf-8", b"x\n"),
        (b"From: a@b.example\nX: a\n \n b\n\nx\n", "blank-continuation", b"x\n"),
        (b"From: a@b.example\nX: a", "no-body", b""),
        (b"From: a@b.example\nFrom: a@b.example\n\nx\n", "repeated-field", b"x\n"),
        (b"To: a@b.example\n\nx\n", "no-from", b"x\n"),
        (b"From: \n\nx\n", "empty-from", b"x\n"),
        (b"From: a@b.example, c@d.example\n\nx\n", "several-authors", b"x\n"),
        (b"From: Shop, <c@d.example>\n\nx\n", "author-without-address", b"x\n"),
        (b"From: a@[192.0.2.1]\n\nx\n", "author-domain-unreadable", b"x\n"),
        (b"From: ceo@bank.example <x@evil.test>\n\nx\n", "address-in-display-name", b"x\n"),
    ],
)
def test_names_defects_and_reads_on(raw, code, rest):
    message = parse(raw)
    assert code in codes(message)
    assert body(message) == rest


@pytest.mark.parametrize(
    ("fields", "domain"),
    [
        (b"From: Ann <a@EXAMPLE.com>", "example.com"),
        (b"From: a@example.com, b@example.com", "example.com"),
        (b"From: a@example.com, b@example.org", None),
        (b"From: Shop, <a@example.com>", "example.com"),
        (b"From: a@example.com\r\nFrom: a@example.com", None),
        (b"To: a@example.com", None),
    ],
)
def test_author_domain(fields, domain):
    assert parse(fields + b"\r\n\r\n").author_domain == domain


@pytest.mark.parametrize(
    ("value", "read"),
    [(b"<>", "<>"), (b"< >", "<>"), (b"<a@b.example>", "a@b.example"), (b"a@b.example", "a@b.example")],
)
def test_return_path(value, read):
    assert parse(b"Return-Path: " + value + b"\r\nFrom: a@b.example\r\n\r\n").return_path == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (b"Tue, 20 Oct 2026 11:59:58 +0200", datetime(2026, 10, 20, 9, 59, 58, tzinfo=UTC)),
        (b"20 Oct 26 09:59:58 GMT", datetime(2026, 10, 20, 9, 59, 58, tzinfo=UTC)),
        (b"Tue, 20 Oct 2026 11:59:58", None),
        (b"Tue, 32 Oct 2026 11:59:58 +0200", None),
        (b"yesterday", None),
    ],
)
def test_date(value, read):
    assert parse(b"Date: " + value + b"\r\nFrom: a@b.example\r\n\r\n").date == read


USUAL_DATES = st.builds(
    "{}{} {} {} {}:{}:{} {}{}".format,
    st.sampled_from(["", "Tue, ", "Xyz, "]),
    st.integers(0, 33) | st.integers(1, 9).map("{:02}".format),
    st.sampled_from(["Jan", "Feb", "May", "Sep", "Dec", "Okt", "oct"]),
    st.sampled_from([999, 1000, 1969, 1970, 2026, 2999, 3000]),
    *[st.integers(0, most).map("{:02}".format) for most in (25, 61, 61)],
    st.builds(
        "{}{:04}".format, st.sampled_from("+-"), st.sampled_from([0, 1, 59, 60, 100, 175, 530, 1400, 2400, 9999])
    ),
    st.sampled_from(["", " (UTC)", " (CEST)", " ()", " (A b)", " x", " "]),
)


@given(USUAL_DATES)
def test_a_date_in_its_usual_form_is_what_the_library_reads(text):
    """RFC 5322 §3.3: read without the library where it is written as it should be."""
    try:
        expected = _instant_by_library(text)
    except (ValueError, OverflowError):
        expected = None
    assert parse(f"Date: {text}\r\nFrom: a@b.example\r\n\r\n".encode()).date == expected


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"hello\n", b"\xff\xd8\xff\xe0\0\x10JFIF" * 50, b"a: b\n\n"])
def test_refuses_what_is_no_message(raw):
    with pytest.raises(MessageError):
        parse(raw)


def test_a_header_without_end_is_refused(monkeypatch):
    monkeypatch.setattr("mailtrace.message.MAX_SECTION", 1000)
    with pytest.raises(MessageError, match="no end"):
        parse(b"From: a@b.example\n" + b"X: y\n" * 1_000_000)


def test_a_hundred_thousand_fields():
    message = parse(b"From: a@b.example\r\n" + b"X: y\r\n" * 100_000 + b"\r\n")
    assert len(message.fields) == 100_001


lines = st.lists(
    st.sampled_from([b"From: a@b.example", b"X: y", b" z", b"\t", b"", b"junk", b"From x", b"a:\xff", b"S : x"]),
    max_size=12,
)


@settings(max_examples=200)
@given(lines, st.sampled_from([b"\n", b"\r\n"]))
def test_nothing_is_lost(parts, end):
    raw = end.join(parts)
    try:
        message = parse(raw)
    except MailtraceError:
        return
    kept = sum(len(field.raw) for field in message.fields) + message.body.size
    # What is in neither is the empty line, or stands in a defect.
    assert kept == len(raw) or len(raw) - kept == len(end) or message.defects


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_octets_give_a_message_or_an_error(raw):
    for octets in (raw, b"From: a@b.example\n" + raw):
        try:
            parse(octets)
        except MailtraceError:
            continue
