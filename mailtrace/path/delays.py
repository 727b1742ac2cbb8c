"""What is said of the times: clocks and zones that are off, and waits that somebody may have noticed."""

from collections.abc import Iterator, Mapping, Sequence

from mailtrace.findings import Finding, FindingKind, excerpt
from mailtrace.path.clocks import SKEW, is_zone_fault
from mailtrace.path.greylist import Greylisted
from mailtrace.path.places import place_of, place_of_field, writer
from mailtrace.path.types import Hop, Wait, WaitKind
from mailtrace.path.waiting import NOTICED
from mailtrace.printable import duration
from mailtrace.results import Confidence, Severity, Standing

CLOCKS_DIFFER = FindingKind(
    code="hop-clocks-differ",
    title="A hop is dated before the one it follows: the clocks differ",
    severity=Severity.NOTICE,
    reference="RFC 5321 §4.4",
)
ZONE_WRONG = FindingKind(
    code="hop-zone-wrong",
    title="A hop is dated whole hours before the one it follows: a time zone is wrong",
    severity=Severity.NOTICE,
    reference="RFC 5322 §3.3",
)
CLOCK_OFF = FindingKind(
    code="clock-off",
    title="The clock of a server on the way is off",
    severity=Severity.NOTICE,
    reference="RFC 5321 §4.4",
)
HOP_DELAYED = FindingKind(
    code="hop-delayed",
    title="The message waited before this hop",
    severity=Severity.INFO,
    reference="RFC 5321 §4.5.4.1",
)
GREYLISTED = FindingKind(
    code="hop-greylisted",
    title="Greylisting delayed the message, or it looks like that",
    severity=Severity.INFO,
    reference="RFC 6647 §5",
)
QUEUED = FindingKind(
    code="hop-queued",
    title="The message waited as long as servers do before they try again",
    severity=Severity.INFO,
    reference="RFC 5321 §4.5.4.1",
)

_KINDS = {WaitKind.GREYLISTING: GREYLISTED, WaitKind.QUEUE: QUEUED}


def observe_times(hops: Sequence[Hop], stated: Mapping[int, Greylisted]) -> dict[int, tuple[Finding, ...]]:
    """Return what is said of the times, by the index of the hop; of most nothing is."""
    return {
        hop.index: tuple(_of_hop(hops, hop, stated.get(hop.index)))
        for hop in hops
        if hop.index in stated or not _is_ordinary(hop)
    }


def _is_ordinary(hop: Hop) -> bool:
    """Tell whether the message came on at once, by clocks that agree well enough."""
    if hop.clock_ahead is not None or (hop.delay_seconds is not None and hop.delay_seconds < -SKEW):
        return False
    return hop.wait is None or hop.wait.seconds < NOTICED


def _of_hop(hops: Sequence[Hop], hop: Hop, stated: Greylisted | None) -> Iterator[Finding]:
    older = hops[hop.index - 1] if hop.index else None
    if hop.clock_ahead is not None and not _is_same_clock(older, hop):
        yield _off(hop, hop.clock_ahead)
    if older is not None and older.clock_ahead is None and hop.clock_ahead is None:
        yield from _disagreement(older, hop)
    if hop.wait is not None:
        yield from _waited(older, hop, hop.wait, stated)


def _is_same_clock(older: Hop | None, hop: Hop) -> bool:
    """Tell whether the hop before was dated by the same server, and said so."""
    if older is None or older.clock_ahead is None or older.received.by is None:
        return False
    return older.received.by.lower() == (hop.received.by or "").lower()


def _off(hop: Hop, ahead: float) -> Finding:
    sure = hop.wait.confidence if hop.wait and hop.wait.kind in (WaitKind.CLOCK, WaitKind.ZONE) else Confidence.LOW
    side = "ahead of" if ahead > 0 else "behind"
    if is_zone_fault(-abs(ahead)):
        hours = round(abs(ahead) / 3600)
        return ZONE_WRONG.found(
            f"{writer(hop)} dates its field about {hours} h {side} the servers around it, which agree with each other.",
            place_of(hop),
            confidence=sure,
        )
    return CLOCK_OFF.found(
        f"The clock of {writer(hop)} is about {duration(ahead)} {side} those of the servers around it, "
        "which agree with each other.",
        place_of(hop),
        confidence=sure,
    )


def _disagreement(older: Hop, hop: Hop) -> Iterator[Finding]:
    """Two clocks that differ, where nothing says which of them is off."""
    delay = hop.delay_seconds or 0.0
    if delay >= -SKEW:
        return
    before = excerpt(older.received.by or "the server before it")
    if is_zone_fault(delay):
        detail = f"{writer(hop)} dated its field about {round(-delay / 3600)} h before {before} did."
        yield ZONE_WRONG.found(detail, place_of(hop), confidence=_sure(hop))
    else:
        detail = f"{writer(hop)} dated its field {duration(delay)} before {before} did."
        yield CLOCKS_DIFFER.found(detail, place_of(hop), confidence=_sure(hop))


def _waited(older: Hop | None, hop: Hop, wait: Wait, stated: Greylisted | None) -> Iterator[Finding]:
    if stated is not None and wait.kind is WaitKind.GREYLISTING:
        yield GREYLISTED.found(
            f"{wait.why[:1].upper()}{wait.why[1:]}; {duration(wait.seconds)} passed before {writer(hop)} took it.",
            place_of_field(stated.field, stated.number),
            place_of(hop),
            confidence=wait.confidence,
        )
    elif older is not None and wait.seconds >= NOTICED:
        kind = _KINDS.get(wait.kind, HOP_DELAYED)
        before = excerpt(older.received.by or "the server before it")
        yield kind.found(
            f"{duration(wait.seconds)} passed between {before} and {writer(hop)}: {wait.why}.",
            place_of(hop),
            confidence=wait.confidence if kind is not HOP_DELAYED else _sure(hop),
        )


def _sure(hop: Hop) -> Confidence:
    return Confidence.HIGH if hop.standing is Standing.TRUSTED else Confidence.LOW
