"""RFC 5322 §3.3 and §4.3: what is read, and what is not taken for a time."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtrace.path.dates import DateProblem, read_date, zone_minutes

TEN = datetime(2026, 10, 20, 10, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, 20 Oct 2026 10:00:00 +0000", TEN),
        ("Tue, 20 Oct 2026 05:00:00 -0500 (CDT)", TEN),
        ("20 Oct 2026 10:00:00 -0000", TEN),
        ("Tue, 20 Oct 2026 10:00 +0000", TEN),
        ("Tue, 20 Oct 2026 10:00:00 GMT", TEN),
        ("Tue, 20 Oct 2026 02:00:00 PST", TEN),
        ("Tue, 20 Oct 2026 19:00:00 JST", TEN),
        ("20 Oct 2026 10:00:00 UT", TEN),
        ("Tue, 20 Oct 2026 15:45:00 +0545", TEN),
        ("Tue, 20 Oct 2026 20:30:00 +1030 (CDT)", TEN),
        ("Tue, 20 Oct 2026 18:00:00 +0800 (CST)", TEN),
        ("Tue, 20 Oct 2026 10:00:00+0000", TEN),
        ("Tue, 20 Oct 2026 05:00:00 -500", TEN),
        ("Tue, 20 Oct 2026 12:00:00 +02:00", TEN),
        ("Tue, 20 Oct 2026 12:00:00 GMT+2", TEN),
        ("Tue, 20 October 2026 10:00:00 +0000", TEN),
        ("Tue, 20 Oct 26 10:00:00 +0000", TEN),
        ("20-Oct-2026 10:00:00 +0000", TEN),
        ("Tue Oct 20 10:00:00 UTC 2026", TEN),
        ("Tue Oct 20 12:00:00 2026 +0200", TEN),
        ("2026-10-20T10:00:00Z", TEN),
        ("2026-10-20 10:00:00.5 +0000 UTC m=+1.5", TEN + timedelta(seconds=0.5)),
        ("Tue, 20 Oct 2026 10:00:00.608 +0000 (UTC)", TEN + timedelta(milliseconds=608)),
        ("Tue, 20 Oct 2026 09:59:60 +0000", TEN),
        ("1 Jan 70 00:00:00 +0000", datetime(1970, 1, 1, tzinfo=UTC)),
        ("1 Jan 104 00:00:00 +0000", datetime(2004, 1, 1, tzinfo=UTC)),
    ],
)
def test_read(text, expected):
    reading = read_date(text)
    assert (reading.at, reading.problem) == (expected, None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", DateProblem.ABSENT),
        ("yesterday", DateProblem.ABSENT),
        ("15.20.6631.42 or 2023.12.14.06.48.20", DateProblem.ABSENT),
        ("31 Feb 2026 10:00:00 +0000", DateProblem.UNREADABLE),
        ("20 Oct 2026 25:00:00 +0000", DateProblem.UNREADABLE),
        ("20 Oct 2026 10:00:61 +0000", DateProblem.UNREADABLE),
        ("20 Foo 2026 10:00:00 +0000", DateProblem.UNREADABLE),
        ("20 Oct 1066 10:00:00 +0000", DateProblem.UNREADABLE),
        ("31 Dec 9999 23:00:00 -1200", DateProblem.UNREADABLE),
        ("20 Oct 2026 10:00:00", DateProblem.NO_ZONE),
        ("Tue Oct 20 10:00:00 2026", DateProblem.NO_ZONE),
        ("20 Oct 2026 10:00:00 +9999", DateProblem.UNKNOWN_ZONE),
        ("20 Oct 2026 10:00:00 +0060", DateProblem.UNKNOWN_ZONE),
        ("20 Oct 2026 10:00:00 IST", DateProblem.UNKNOWN_ZONE),
        ("20 Oct 2026 10:00:00 A", DateProblem.UNKNOWN_ZONE),
    ],
)
def test_what_is_no_time_is_never_taken_for_utc(text, problem):
    reading = read_date(text)
    assert (reading.at, reading.problem) == (None, problem)


def test_the_first_or_the_last_of_two():
    text = "built 1 Jan 2020 00:00:00 +0000 then 20 Oct 2026 10:00:00 +0000"
    assert read_date(text).at == datetime(2020, 1, 1, tzinfo=UTC)
    reading = read_date(text, last=True)
    assert reading.at == TEN
    assert text[reading.start : reading.end] == "20 Oct 2026 10:00:00 +0000"


def test_a_long_text_is_looked_at_in_part():
    assert read_date("x" * 1_000_000 + " 20 Oct 2026 10:00:00 +0000", last=True).at == TEN
    assert read_date("1 " * 500_000).problem is DateProblem.ABSENT


@pytest.mark.parametrize(
    ("zone", "minutes"), [("-0000", 0), ("+14", 840), ("+1400", 840), ("+1401", None), ("-1200", -720), ("Q", None)]
)
def test_zones(zone, minutes):
    assert zone_minutes(zone) == minutes


@settings(max_examples=200, deadline=None)
@given(
    st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2099, 1, 1)),  # noqa: DTZ001 -- the zone comes from the next line
    st.integers(min_value=-12 * 60, max_value=14 * 60),
)
def test_what_the_standard_library_writes_is_read_back(at, minutes):
    aware = at.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    assert read_date(format_datetime(aware)).at == aware


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789 :+-,JanFebOct.TZGMTUC()", max_size=60))
def test_any_text_gives_a_time_or_a_problem(text):
    reading = read_date(text)
    assert (reading.at is None) == (reading.problem is not None)
    assert reading.at is None or reading.at.utcoffset() == timedelta(0)
