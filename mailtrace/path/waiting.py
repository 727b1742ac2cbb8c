"""What sort of time passed before each hop: handing over, waiting, or no time at all where clocks differ.

A Received field says when, and hardly ever why. So a kind is claimed with the confidence that its evidence has: what a
field states outright, what only one machine can have done, and what merely has the length of it (RFC 5321 §4.5.4.1 has
servers try again after half an hour, in practice after 5 to 30 minutes; RFC 6647 §5 has greylisting want 1 minute to
a day). Waiting that nothing explains is called waiting. Takes the hops as linked, gives the waits before them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from mailtrace.message.types import Message
from mailtrace.path.clocks import SKEW, Clock, Stamp, is_zone_fault, read_clocks
from mailtrace.path.greylist import Greylisted
from mailtrace.path.types import Hop, HopKind, Wait, WaitKind
from mailtrace.printable import duration
from mailtrace.records import replace
from mailtrace.results import Confidence, Standing

LONG = 60.0
"""Seconds beyond which handing over alone does not explain it: 97 % of honest hops take less."""
NOTICED = 600.0
"""Seconds of a delay that somebody may have noticed."""
_GREY_LONGEST = 3600.0
_RETRIES = (300.0, 600.0, 900.0, 1800.0, 3600.0)
"""After how long servers try again: Postfix, Exim and sendmail as delivered, and RFC 5321 §4.5.4.1."""
_RETRY_SLACK = 0.1
_ONE_MACHINE = frozenset({HopKind.LOCAL, HopKind.LOOPBACK})


def read_waits(
    message: Message, hops: Sequence[Hop], stated: Mapping[int, Greylisted]
) -> list[tuple[float | None, Wait | None]]:
    """Return for each hop by how much its clock is ahead, where it is known to be off, and the wait before it."""
    clocks = read_clocks([_stamp(hop) for hop in hops])
    waits: list[tuple[float | None, Wait | None]] = []
    for number, (hop, clock) in enumerate(zip(hops, clocks, strict=True)):
        if number:
            wait = _between(hops[number - 1], clocks[number - 1], hop, clock, stated.get(hop.index))
        else:
            wait = _submission(message.date, hop, clock, stated.get(hop.index))
        off = clock.ahead or (number and clocks[number - 1].ahead)
        if wait is not None and number and off:
            wait = replace(wait, corrected=True)
        waits.append((clock.ahead or None, wait))
    return waits


def waited(hops: Sequence[Hop]) -> tuple[float | None, int | None]:
    """Return the sum of the waits behind the first hop, and the hop with the largest."""
    if sum(hop.received.received_at is not None for hop in hops) < 2:
        return None, None
    waits = [(hop.wait.seconds, hop.index) for hop in hops[1:] if hop.wait is not None]
    longest = max(waits, key=lambda wait: wait[0], default=(0.0, 0))
    return sum(seconds for seconds, _ in waits), longest[1] if longest[0] >= 1.0 else None


def _stamp(hop: Hop) -> Stamp:
    by = hop.received.by
    return Stamp(
        at=hop.received.received_at,
        server=by.lower() if by else None,
        is_trusted=hop.standing is Standing.TRUSTED,
    )


def _submission(date: datetime | None, hop: Hop, clock: Clock, stated: Greylisted | None) -> Wait | None:
    if date is None or clock.at is None or hop.received.received_at is None:
        return None
    dated = (hop.received.received_at - date).total_seconds()
    seconds = max(0.0, (clock.at - date).total_seconds())
    if stated is not None and seconds >= LONG:
        return _stated(seconds, dated - seconds, stated)
    if dated < -SKEW:
        return _no_time(dated, "the message's own Date is later than its first hop", Confidence.LOW)
    return Wait(
        kind=WaitKind.SUBMISSION,
        seconds=seconds,
        clock_seconds=dated - seconds,
        corrected=False,
        confidence=Confidence.LOW,
        why="from the message's own Date, which its writer's clock set, to the first server",
    )


def _between(older: Hop, before: Clock, hop: Hop, clock: Clock, stated: Greylisted | None) -> Wait | None:
    if hop.delay_seconds is None or clock.at is None or before.at is None:
        return None
    seconds = max(0.0, (clock.at - before.at).total_seconds())
    added = hop.delay_seconds - seconds
    if seconds < LONG:
        return _hand_over(hop, seconds, added, before, clock)
    if stated is not None:
        return _stated(seconds, added, stated)
    kind, confidence, why = _what_for(older, hop, seconds)
    return Wait(kind=kind, seconds=seconds, clock_seconds=added, corrected=False, confidence=confidence, why=why)


def _hand_over(hop: Hop, seconds: float, added: float, before: Clock, clock: Clock) -> Wait:
    if abs(added) > SKEW:
        off = clock if clock.ahead else before
        if not off.ahead:
            return _no_time(added, "it is dated before the hop that it follows: one of the two clocks is off", _of(hop))
        whose = "its own clock" if off is clock else "the clock of the server before"
        wait = _no_time(added, f"{whose} is off: the servers around that one agree with each other", off.confidence)
        return replace(wait, seconds=seconds)
    return Wait(
        kind=WaitKind.TRANSFER,
        seconds=seconds,
        clock_seconds=added,
        corrected=False,
        confidence=_of(hop),
        why="handed over at once",
    )


def _no_time(added: float, why: str, confidence: Confidence) -> Wait:
    kind = WaitKind.ZONE if is_zone_fault(-abs(added)) else WaitKind.CLOCK
    return Wait(kind=kind, seconds=0.0, clock_seconds=added, corrected=False, confidence=confidence, why=why)


def _stated(seconds: float, added: float, stated: Greylisted) -> Wait:
    who = "the receiving server states" if stated.is_trusted else "a field that anyone can write states"
    return Wait(
        kind=WaitKind.GREYLISTING,
        seconds=seconds,
        clock_seconds=added,
        corrected=False,
        confidence=Confidence.HIGH if stated.is_trusted else Confidence.LOW,
        why=f"{who} that greylisting delayed the message for {duration(stated.seconds)}",
    )


def _what_for(older: Hop, hop: Hop, seconds: float) -> tuple[WaitKind, Confidence, str]:
    """Explain a wait of more than a minute."""
    if "mailboxresubmission" in (hop.received.with_text or "").lower():
        return WaitKind.HELD, Confidence.MEDIUM, "Exchange Online submitted the message again, as out of quarantine"
    if hop.kind is HopKind.RETRIEVAL:
        return WaitKind.HELD, Confidence.MEDIUM, "it lay in the mailbox until it was fetched"
    if hop.kind is HopKind.LIST:
        return WaitKind.HELD, Confidence.LOW, "list software had it: a moderator, or its own queue"
    if hop.kind in _ONE_MACHINE or _is_same(older.received.by, hop.received.by):
        return (
            WaitKind.HELD,
            Confidence.MEDIUM,
            "it lay on one machine: a filter, a quarantine, or that machine's queue",
        )
    if hop.standing is Standing.TRUSTED and older.standing is not Standing.TRUSTED and seconds <= _GREY_LONGEST:
        return (
            WaitKind.GREYLISTING,
            Confidence.LOW,
            "looks like greylisting, or a queue: it waited at the border as long as one that is told to come again",
        )
    retry = next((each for each in _RETRIES if abs(seconds - each) <= each * _RETRY_SLACK), None)
    if retry is not None and hop.kind in (HopKind.SMTP, HopKind.LMTP, HopKind.UNKNOWN):
        return (
            WaitKind.QUEUE,
            Confidence.LOW,
            f"looks like a queue: servers try again after {retry / 60:.0f} min",
        )
    return WaitKind.WAITING, _of(hop), "nothing in the header says for what"


def _is_same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one.lower() == other.lower()


def _of(hop: Hop) -> Confidence:
    return Confidence.HIGH if hop.standing is Standing.TRUSTED else Confidence.LOW
