"""The table: every row knows its own sample, and is spoiled by no row above it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtrace.path.clauses import read_clauses
from mailtrace.path.dialects import Dialect
from mailtrace.path.received import read
from mailtrace.path.recognition import TABLE, Index, _alternatives, _needle, _start, recognise
from mailtrace.path.scanner import Kind
from mailtrace.path.types import HopKind, Silence

ROWS = [pytest.param(row, id=f"{number}: {row.software}") for number, row in enumerate(TABLE)]
PATTERNS = ("by", "words", "comment", "by_comment", "id", "via", "stray", "origin", "first")


@pytest.mark.parametrize("row", ROWS)
def test_a_row_recognises_its_sample(row):
    clauses, _ = read_clauses(row.sample)
    assert recognise(clauses) is row


@pytest.mark.parametrize("row", ROWS)
def test_a_sample_is_read(row):
    received = read(row.sample).received
    assert received.received_at is not None or row.software in ("Amazon internal", "Obtuse smtpd")
    assert received.by or received.comments or received.with_text or received.via


@pytest.mark.parametrize("row", ROWS)
def test_a_row_names_software_and_is_recognised_by_what_the_server_wrote(row):
    given = [name for name in PATTERNS if getattr(row, name) is not None]
    assert row.software
    assert given, "a row without a pattern fits everything"
    # HELO alone recognises nothing: a client can say anything.
    assert given != ["first"]


def test_the_sides_that_must_be_right_are_there():
    names = {row.software for row in TABLE}
    assert names >= {
        "Postfix", "Exim", "Sendmail", "Exchange", "Exchange Online", "Gmail", "Gmail API", "qmail", "Amazon SES",
        "SendGrid", "Proofpoint", "Yahoo",
    }  # fmt: skip


def test_the_first_row_that_fits_counts():
    rows = tuple(
        Dialect(software=name, silence=Silence.UNRECORDED, by_comment="Own", kind=HopKind.SMTP, sample="")
        for name in ("first", "second")
    )
    clauses, _ = read_clauses("by a.example (Own Server 1.0); 20 Oct 2026 10:00:00 +0000")
    assert Index(rows).first(clauses) is rows[0]
    assert Index(()).first(clauses) is None


def in_order(clauses):
    """Try the rows one after the other, as their table reads; what the index must agree with."""
    origin = [piece.text for piece in clauses.origin if piece.kind is Kind.COMMENT]
    facts = {
        "by": [clauses.first("by")], "words": [clauses.text("with")], "comment": clauses.comments,
        "by_comment": clauses.by_comments, "id": [clauses.first("id")], "via": [clauses.text("via")],
        "stray": [" ".join(clauses.stray)], "origin": [*origin, ") (".join(origin)],
        "first": [piece.text for piece in clauses.origin[:1]],
    }  # fmt: skip
    for row in TABLE:
        if row.has_from is not None and row.has_from is not bool(clauses.origin):
            continue
        if row.has_with is not None and row.has_with is not bool(clauses.text("with")):
            continue
        asked = [(getattr(row, name), texts) for name, texts in facts.items() if getattr(row, name) is not None]
        if all(
            any(re.match(one, text or "", re.IGNORECASE | re.ASCII) for text in texts if text) for one, texts in asked
        ):
            return row
    return None


PARTS = st.sampled_from(
    sorted(
        {word for row in TABLE for word in re.findall(r"\([^()]*\)|<[^<>]*>|[^\s();]+", row.sample)}
        | {";", "with", "by"}
    )
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(TABLE), st.lists(PARTS, max_size=6), st.integers(0, 400))
def test_the_index_finds_the_row_that_trying_them_in_order_finds(row, parts, at):
    """A sample with words of other samples in it fits now this row, now that."""
    value = f"{row.sample[:at]} {' '.join(parts)} {row.sample[at:]}"
    clauses, _ = read_clauses(value)
    assert recognise(clauses) is in_order(clauses)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [(one, row.sample) for row in TABLE for name in PATTERNS for one in [getattr(row, name)] if one is not None],
)
def test_a_pattern_is_found_by_how_it_begins(pattern, text):
    """What the index looks for first is in every text that the pattern matches."""
    for one in _alternatives(pattern):
        for found in re.finditer(one, text, re.IGNORECASE | re.ASCII):
            assert _needle(one) in found.group().lower()
            assert found.group().lower().startswith(_start(one))


@pytest.mark.parametrize(
    ("value", "silence"),
    [
        ("from a (a.example [192.0.2.1]) by b.example (Postfix) with ESMTP id 1", Silence.CLEARTEXT),
        (
            "from a (192.0.2.1) by X.mail.protection.outlook.com (10.0.0.1) with Microsoft SMTP Server",
            Silence.CLEARTEXT,
        ),
        ("from a (a.example. [192.0.2.1]) by mx.google.com with ESMTP id 1", Silence.CLEARTEXT),
        ("from a (a.example [192.0.2.1]) by b.example (8.12.1/8.12.1) with ESMTP id 1", Silence.LIKELY_CLEARTEXT),
        ("from a (a.example [192.0.2.1]) by email-smtp.amazonaws.com with SMTP id 1", Silence.UNRECORDED),
        ("from a ([192.0.2.1]) by b.example (HCL Domino Release 11.0.1) with ESMTP id 1", Silence.UNRECORDED),
    ],
)
def test_silence(value, silence):
    assert read(f"{value}; 20 Oct 2026 10:00:00 +0000").dialect.silence is silence
