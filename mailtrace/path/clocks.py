"""Whose clock is off: time that passed, told from clocks that differ.

Every server dates its field by its own clock (RFC 5321 §4.4). A clock that is five minutes ahead makes the hop to its
server look five minutes slow, and the next one five minutes too fast. Where the servers before and behind agree with
each other and not with the one between them, that one's clock is off, and no time passed. With two servers alone nobody
can say which of them is right, and nothing is corrected.

Servers are compared, and not hops: those that a machine wrote one after the other share its clock. Linear in the hops.
"""

from collections.abc import Sequence
from datetime import datetime

from mailtrace.records import Mutable, Struct
from mailtrace.results import Confidence

SKEW = 60.0
"""Seconds of a difference of clocks that nobody needs to know of: 97 % of the negative delays are within it."""
_HOUR = 3600.0
_ZONE_SLACK = 90.0
_MOST_HOURS = 14


class Stamp(Struct, frozen=True, kw_only=True):
    """When a hop was dated, by which server."""

    at: datetime | None
    server: str | None
    """Lower case; None: not named, and then no other hop's."""
    is_trusted: bool


class Clock(Struct, frozen=True, kw_only=True):
    """What is known of the clock by which a hop was dated."""

    at: datetime | None
    """The time of the hop, corrected where the clock is known to be off."""
    ahead: float
    """Seconds by which it is ahead (negative: behind), at the least; 0.0 where it is not known to be off."""
    confidence: Confidence
    """That it is this server's clock, and not those of its neighbours."""


class _Run(Mutable, kw_only=True):
    """Hops that one server dated one after the other."""

    server: str | None
    is_trusted: bool
    first: datetime
    last: datetime
    hops: list[int]
    correction: Clock | None = None


def read_clocks(stamps: Sequence[Stamp]) -> tuple[Clock, ...]:
    """Say for each stamp, oldest first, what is known of its clock."""
    corrections: dict[int, Clock] = {}
    if not _is_in_order(stamps):
        runs = _runs(stamps)
        _compare(runs)
        corrections = {number: run.correction for run in runs if run.correction for number in run.hops}
    return tuple(
        corrections.get(number) or Clock(at=stamp.at, ahead=0.0, confidence=Confidence.HIGH)
        for number, stamp in enumerate(stamps)
    )


def _is_in_order(stamps: Sequence[Stamp]) -> bool:
    """Tell whether no hop is dated noticeably before one that it follows, as in most messages: then no clock is off."""
    latest: datetime | None = None
    for stamp in stamps:
        if stamp.at is None:
            continue
        if latest is None or stamp.at >= latest:
            latest = stamp.at
        elif (latest - stamp.at).total_seconds() > SKEW:
            return False
    return True


def _runs(stamps: Sequence[Stamp]) -> list[_Run]:
    runs: list[_Run] = []
    for number, stamp in enumerate(stamps):
        if stamp.at is None:
            continue
        run = runs[-1] if runs else None
        if run is not None and stamp.server is not None and run.server == stamp.server:
            run.last = stamp.at
            run.hops.append(number)
            continue
        runs.append(
            _Run(server=stamp.server, is_trusted=stamp.is_trusted, first=stamp.at, last=stamp.at, hops=[number])
        )
    return runs


def _compare(runs: Sequence[_Run]) -> None:
    """Find the runs that disagree with both sides; what is found to be off is no neighbour to the next."""
    anchors = _anchors(runs)
    before: list[_Run] = []
    for number, run in enumerate(runs):
        after = runs[number + 1 : number + 3]
        others = [anchors[number] or runs[-1], *after[1:]]
        run.correction = (
            _ahead(run, before[-1:], after, others)
            or _behind(run, before[-2:], after[:1])
            or _between(run, before[-1:], anchors[number])
        )
        if run.correction is None:
            before.append(run)


def _anchors(runs: Sequence[_Run]) -> list[_Run | None]:
    """Return for each run the nearest one behind it that the receiving side wrote."""
    anchors: list[_Run | None] = []
    anchor: _Run | None = None
    for run in reversed(runs):
        anchors.append(anchor)
        anchor = run if run.is_trusted else anchor
    return anchors[::-1]


def _ahead(run: _Run, before: Sequence[_Run], after: Sequence[_Run], others: Sequence[_Run]) -> Clock | None:
    """The servers behind date the message before this one does, in order, and not before the one before it."""
    if not after or _later(run, after[0]) <= SKEW:
        return None
    if before and _later(before[-1], after[0]) > SKEW:
        return None
    # One that agrees with it, further up, makes it two against two.
    if any(other is not run and abs(_later(run, other)) < SKEW for other in others):
        return None
    near = bool(before) and -_later(before[-1], after[0]) < SKEW
    second = len(after) > 1 and -_later(after[0], after[1]) >= -SKEW and _later(run, after[1]) > SKEW
    return _correction(run.is_trusted, [*before, *after], after[0].first, run.last) if near or second else None


def _behind(run: _Run, before: Sequence[_Run], after: Sequence[_Run]) -> Clock | None:
    """The servers before it date the message later, and the one behind not before them."""
    if not before or not after or _later(before[-1], run) <= SKEW:
        return None
    if _later(before[-1], after[0]) > SKEW or (len(before) > 1 and abs(_later(before[0], run)) < SKEW):
        return None
    near = -_later(before[-1], after[0]) < SKEW
    second = len(before) > 1 and _later(before[0], run) > SKEW
    return _correction(run.is_trusted, [*before, *after], before[-1].last, run.first) if near or second else None


def _between(run: _Run, before: Sequence[_Run], anchor: _Run | None) -> Clock | None:
    """The server before it and the receiving side agree: whatever lies between them happened between them."""
    if not before or anchor is None or abs(_later(before[-1], anchor)) >= SKEW:
        return None
    if _later(before[-1], run) > SKEW:
        return _correction(run.is_trusted, [*before, anchor], before[-1].last, run.first)
    if _later(run, anchor) > SKEW:
        return _correction(run.is_trusted, [*before, anchor], anchor.first, run.last)
    return None


def _later(one: _Run, other: _Run) -> float:
    """Return the seconds by which the end of one is later than the beginning of the other."""
    return (one.last - other.first).total_seconds()


def _correction(is_trusted: bool, witnesses: Sequence[_Run], at: datetime, dated: datetime) -> Clock | None:
    """What claimed hops say is no reason to doubt the clock of a server that is vouched for."""
    trusted = any(witness.is_trusted for witness in witnesses)
    if is_trusted and not trusted:
        return None
    return Clock(
        at=at,
        ahead=(dated - at).total_seconds(),
        confidence=Confidence.MEDIUM if trusted else Confidence.LOW,
    )


def is_zone_fault(delay: float) -> bool:
    """Tell whether a negative delay is (almost) a whole number of hours: then a time zone is wrong, and not a clock."""
    hours = round(-delay / _HOUR)
    return 1 <= hours <= _MOST_HOURS and abs(-delay - hours * _HOUR) <= _ZONE_SLACK
