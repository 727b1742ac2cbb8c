"""Dates of trace fields: RFC 5322 §3.3 and §4.3, and what software writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.path.dates import read_date


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("Tue, 20 Oct 2026 12:00:00 +0200", "2026-10-20T10:00:00+00:00"),
        ("20 Oct 2026 10:00:00 -0000", "2026-10-20T10:00:00+00:00"),
        ("Tue, 20 Oct 2026 10:00:00 GMT", "2026-10-20T10:00:00+00:00"),
        ("Tue, 20 Oct 2026 19:00:00 JST", "2026-10-20T10:00:00+00:00"),
        ("Tue, 20 Oct 2026 18:00:00 +0800 (CST)", "2026-10-20T10:00:00+00:00"),  # the name is decoration
        ("Tue, 20 Oct 2026 05:00:00 -500", "2026-10-20T10:00:00+00:00"),
        ("Tue, 20 October 2026 15:45:00 +0545", "2026-10-20T10:00:00+00:00"),
        ("Fri, 27 Feb 04 14:16:56 -0800", "2004-02-27T22:16:56+00:00"),
        ("Tue, 20 Oct 2026 10:00:00.608 +0000 (UTC)", "2026-10-20T10:00:00.608000+00:00"),
        ("2026-10-20 10:00:00.928333532 +0000 UTC m=+6810983.8", "2026-10-20T10:00:00.928333+00:00"),
        ("Tue, 20 Oct 2026 09:59:60 +0000", "2026-10-20T10:00:00+00:00"),  # a leap second
    ],
)
def test_reads(text, utc):
    reading = read_date(text)
    assert reading.problem is None
    assert reading.at.isoformat() == utc


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "absent"),
        ("yesterday", "absent"),
        ("Tue, 31 Feb 2026 10:00:00 +0000", "unreadable"),
        ("Tue, 20 Oct 2026 25:00:00 +0000", "unreadable"),
        ("Tue, 20 Oct 2026 10:00:00", "no-zone"),
        ("Tue, 20 Oct 2026 10:00:00 +9999", "unknown-zone"),
        ("Tue, 20 Oct 2026 10:00:00 IST", "unknown-zone"),  # India, Ireland, Israel
    ],
)
def test_what_gives_no_time_is_never_utc(text, problem):
    reading = read_date(text)
    assert (reading.at, str(reading.problem)) == (None, problem)


@given(st.text(max_size=80) | st.text(alphabet="0123456789 :+-.,()OctTueGMTZ", max_size=80))
def test_any_text_is_read(text):
    reading = read_date(text, last=True)
    assert (reading.at is None) == (reading.problem is not None)
