"""Where the time went, drawn: shares of the whole, clocks apart from waiting, words beside every bar."""

from datetime import UTC, datetime, timedelta

from mailtrace.message import parse
from mailtrace.path import rebuild
from mailtrace.render.text import timeline
from mailtrace.render.text.page import Page
from mailtrace.report.parts import path_of
from mailtrace.transport import assess

NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)


def at(second):
    return (NOON + timedelta(seconds=second)).strftime("%a, %d %b %Y %H:%M:%S +0000")


def report(*seconds):
    fields = [
        f"Received: from a{n}.example (a{n}.example [192.0.2.{n}]) by b{n}.example (Postfix) with ESMTPS id 4ABC12345; {at(s)}"
        for n, s in enumerate(seconds)
    ]
    path = rebuild(parse("\r\n".join([*reversed(fields), "From: ann@example.com", "", ""]).encode()))
    return path_of(path, assess(path))


def bars(*seconds, encoding="utf-8"):
    return timeline.bars(Page(width=80, encoding=encoding), report(*seconds))


def test_as_long_as_the_share():
    drawn = bars(0, 250, 1000)
    assert drawn == {
        1: "█████░░░░░░░░░░░░░░░ 25% of the time, waiting",
        2: "███████████████░░░░░ 75% of the time, perhaps greylisting or a queue",
    }


def test_in_ascii():
    assert bars(0, 500, 1000, encoding="ascii")[1] == "##########.......... 50% of the time, waiting"


def test_nothing_where_nobody_would_ask():
    assert bars(0, 20, 59) == {}
    assert bars(0) == {}
    assert set(bars(0, 60, 69)) == {1}
    assert set(bars(0, 1, 1000, 1001)) == {2}


def test_a_clock_that_is_off_is_drawn_apart_and_once():
    found = report(0, 300, 1, 2)
    assert timeline.bars(Page(width=80), found) == {1: "╌" * 20 + " clock about 4 min 59 s ahead, no waiting"}
    assert [timeline.delay(hop) for hop in found.hops] == ["", "+1 s", "+0 s", "+1 s"]


def test_clocks_that_differ_and_nobody_knows_which():
    found = report(0, 1, -300)
    assert timeline.bars(Page(width=80), found) == {2: "╌" * 20 + " clocks that differ: 5 min 1 s, no waiting"}
    assert timeline.delay(found.hops[2]) == "clocks differ, -5 min 1 s"


def test_a_zone():
    assert bars(0, 3600, 0, encoding="ascii") == {1: "~" * 20 + " clock about 1 h ahead, no waiting"}
    assert bars(0, -7200)[1].endswith("a wrong time zone: about 2 h, no waiting")


def test_a_zone_is_off_by_whole_hours_however_many_seconds_the_clocks_differ():
    assert bars(0, -3598)[1].endswith("a wrong time zone: about 1 h, no waiting")


def test_a_clock_that_is_off_by_hours_is_told_to_the_minute():
    assert bars(0, 7199, 0, encoding="ascii") == {1: "~" * 20 + " clock about 2 h ahead, no waiting"}
