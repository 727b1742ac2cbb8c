"""Where the time went: a bar per hop, as long as its share of the whole way.

Waiting is drawn solid. Time that only a clock or a zone makes up is drawn open and counts for nothing. Drawn only where
it took long enough for somebody to ask, and readable without colour: every bar says in words what it stands for.
"""

from mailtrace.path.types import HopKind, Wait, WaitKind
from mailtrace.printable import about, duration, hours
from mailtrace.render.text import words
from mailtrace.render.text.page import Page
from mailtrace.report import HopReport, PathReport
from mailtrace.results import Confidence

WIDTH = 20
"""Columns of the whole time."""
NOTICED = 60.0
"""Seconds that the way takes before anything is drawn."""
_LEAST = 0.02
"""Share below which a hop has no bar."""
_SHORTEST = 10.0
"""Seconds below which a hop has none: that is what handing over takes."""

_WHAT = {
    WaitKind.TRANSFER: "",
    WaitKind.GREYLISTING: "greylisting",
    WaitKind.QUEUE: "a queue",
    WaitKind.HELD: "held on one machine",
    WaitKind.WAITING: "waiting",
}


def bars(page: Page, path: PathReport) -> dict[int, str]:
    """Return the bar of each hop that has one, by its index."""
    whole = path.waited_seconds or 0.0
    before = (None, *path.hops)
    drawn = {hop.index: _bar(page, hop, older, whole) for older, hop in zip(before, path.hops, strict=False)}
    return {index: bar for index, bar in drawn.items() if bar}


def delay(hop: HopReport) -> str:
    """Say how long the hop took: without what a clock that is known to be off makes of it."""
    return words.delay(hop.wait.seconds if hop.wait and hop.wait.corrected else hop.delay_seconds)


def _bar(page: Page, hop: HopReport, older: HopReport | None, whole: float) -> str:
    wait = hop.wait
    if hop.clock_ahead_seconds is not None:
        is_said = older is not None and older.clock_ahead_seconds is not None and older.by == hop.by
        return "" if is_said else _off(page, hop.clock_ahead_seconds)
    if wait is None or older is None:
        return ""
    if wait.kind in (WaitKind.CLOCK, WaitKind.ZONE):
        return "" if older.clock_ahead_seconds is not None else _unknown(page, wait)
    if whole < NOTICED or wait.seconds < max(_SHORTEST, whole * _LEAST):
        return ""
    share = min(1.0, wait.seconds / whole)
    filled = max(1, round(share * WIDTH))
    bar = page.glyphs.full * filled + page.glyphs.empty * (WIDTH - filled)
    return f"{bar} {share:.0%} of the time{_said(wait, is_fetched=hop.kind == HopKind.RETRIEVAL)}"


def _said(wait: Wait, *, is_fetched: bool) -> str:
    if is_fetched and wait.kind is WaitKind.HELD:
        return ", in a mailbox until it was fetched"
    what = _WHAT.get(wait.kind, "")
    if not what:
        return ""
    if wait.kind is WaitKind.WAITING or wait.confidence is Confidence.HIGH:
        return f", {what}"
    return f", perhaps {what}{' or a queue' if wait.kind is WaitKind.GREYLISTING else ''}"


def _off(page: Page, ahead: float) -> str:
    side = "ahead" if ahead > 0 else "behind"
    return f"{page.glyphs.open * WIDTH} clock {about(ahead)} {side}, no waiting"


def _unknown(page: Page, wait: Wait) -> str:
    is_zone = wait.kind is WaitKind.ZONE
    about = hours(wait.clock_seconds) if is_zone else duration(abs(wait.clock_seconds))
    what = "a wrong time zone" if is_zone else "clocks that differ"
    return f"{page.glyphs.open * WIDTH} {what}: {about}, no waiting"
