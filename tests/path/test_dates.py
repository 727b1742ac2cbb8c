"""RFC 5322 §3.3 and §4.3: what is read, and what is not taken for a time."""

import pathlib
import tomllib
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtrace.message.dates import usual_date
from mailtrace.path.dates import DateProblem, read_date, zone_minutes

TEN = datetime(2026, 10, 20, 10, 0, 0, tzinfo=UTC)


FORMS = pathlib.Path(__file__).parent.parent / "corpus" / "dates" / "forms.toml"
CASES = tuple(pytest.param(case, id=case["name"]) for case in tomllib.loads(FORMS.read_text("utf-8"))["case"])


@pytest.mark.parametrize("case", CASES)
def test_case(case):
    reading = read_date(case["text"])
    assert (reading.at, reading.problem) == (case.get("at"), case.get("problem"))


def standard_library(case):
    """Say what the standard library makes of a date, in the words of the cases."""
    try:
        found = parsedate_to_datetime(case["text"])
    except (TypeError, ValueError):
        return "raises"
    if found.tzinfo is None:
        return "naive"
    return "same" if found == case.get("at") else "other"


@pytest.mark.parametrize("case", CASES)
def test_against_the_standard_library(case):
    """What it gets wrong is written down; a Python that has learned better is no failure."""
    learned = {"same"} if "at" in case else {"raises"}
    assert standard_library(case) in {case["stdlib"], *learned}


def test_the_standard_library_would_be_wrong_without_a_word():
    """It cannot tell apart a zone that is missing, one that it does not know, and `-0000`: all three are naive."""
    silent = {case["name"] for (case,) in (param.values for param in CASES) if case["stdlib"] in ("naive", "other")}
    assert len(silent) >= 12
    naive = ["20 Oct 2026 10:00:00", "20 Oct 2026 10:00:00 IST", "20 Oct 2026 10:00:00 -0000"]
    assert len({parsedate_to_datetime(text) for text in naive}) == 1
    assert [read_date(text).problem for text in naive] == [DateProblem.NO_ZONE, DateProblem.UNKNOWN_ZONE, None]


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


@given(
    st.sampled_from(["", "Tue, "]),
    st.integers(0, 33),
    st.sampled_from(["Jan", "Feb", "Sep", "Dec", "Okt"]),
    st.sampled_from([1899, 1900, 1969, 1999, 2000, 2026, 2099]),
    st.tuples(st.integers(0, 25), st.integers(0, 61), st.integers(0, 61)),
    st.sampled_from(["+0000", "-0000", "+0530", "-0330", "+1359", "+1400", "-1200", "+0060"]),
    st.sampled_from(["", " (UTC)", " (CEST)", " x"]),
)
def test_the_usual_form_is_read_to_the_same(weekday, day, month, year, time, zone, comment):
    """RFC 5322 §3.3: what is read strictly and quickly is what is read in any form."""
    text = f"{weekday}{day:02} {month} {year} {time[0]:02}:{time[1]:02}:{time[2]:02} {zone}{comment}"
    usual = usual_date(text)
    if usual is not None:
        assert usual == (read_date(text).at, comment)
