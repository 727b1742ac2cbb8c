"""The table: every row knows its own sample, and is spoiled by no row above it."""

import pytest

from mailtrace.path.clauses import read_clauses
from mailtrace.path.dialects import Dialect, recognise, table
from mailtrace.path.received import read
from mailtrace.path.types import HopKind, Silence

ROWS = [pytest.param(row, id=f"{number}: {row.software}") for number, row in enumerate(table())]
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
    names = {row.software for row in table()}
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
    assert recognise(clauses, rows) is rows[0]
    assert recognise(clauses, ()) is None


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
