"""Rebuild: from Received fields to the hop chain, with the border and the standing of every hop (RFC 5321 §4.4).

Physical order is the order: the topmost field is the newest hop, whatever its date says. Pure: no DNS, no clock.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.message.types import HeaderField, Message
from mailtrace.path.addresses import AddressKind, is_impossible_literal, kind_of
from mailtrace.path.border import Border, find_border, read_trust
from mailtrace.path.dialects import Dialect, dialect_of
from mailtrace.path.kinds import is_public, kind_of_hop
from mailtrace.path.received import scan
from mailtrace.path.types import BorderSource, Hop, HopKind, Path, Received, Silence
from mailtrace.results import Confidence, Severity, Standing

__all__ = ["BorderSource", "Hop", "HopKind", "Path", "Received", "Silence", "rebuild"]

MAX_HOPS = 1000
"""Received fields that are read; servers refuse mail with a hundred (RFC 5321 §6.3)."""

LATE = timedelta(hours=1)
"""A claimed hop this much later than the trusted hop above it is contradicted."""

SKEW = 60
"""Seconds of a negative delay that clocks differ by without anybody noticing."""

CLOCKS_DIFFER = FindingKind(
    code="hop-clocks-differ",
    title="A hop is dated before the one it follows: the clocks differ",
    severity=Severity.INFO,
    reference="RFC 5321 §4.4",
)
HOP_CONTRADICTED = FindingKind(
    code="hop-contradicted",
    title="A claimed hop cannot be as it stands",
    severity=Severity.NOTICE,
    reference="RFC 5321 §4.4",
)
NO_BORDER = FindingKind(
    code="border-not-found",
    title="No hop shows where the receiving side took the message over",
    severity=Severity.NOTICE,
    reference="RFC 5598 §2.3",
)
TOO_MANY = FindingKind(
    code="hops-not-read",
    title="There are more Received fields than are read",
    severity=Severity.WARNING,
    reference="RFC 5321 §6.3",
)

_Row = tuple[int, HeaderField, Received, Dialect | None, HopKind]


def rebuild(message: Message, trust: Sequence[str] = ()) -> Path:
    """Rebuild the chain, oldest hop first. `trust`: names and networks of the receiving side."""
    fields = message.all("received")
    rows = [_row(number, field) for number, field in enumerate(fields[:MAX_HOPS])]
    border = find_border([(row[2], row[4]) for row in rows], read_trust(trust))
    hops = tuple(_hops(rows, border))
    path = Path(
        hops=hops,
        border=None if border.number is None else len(rows) - 1 - border.number,
        border_source=border.source,
        border_reason=border.reason,
        receiver=border.receiver,
        trust=tuple(trust),
        total_seconds=_total(hops),
        findings=(),
    )
    return _with_findings(path, message, len(fields))


def _row(number: int, field: HeaderField) -> _Row:
    received = scan(field.value)
    dialect = dialect_of(received)
    return number, field, received, dialect, kind_of_hop(received, dialect)


def _hops(rows: Sequence[_Row], border: Border) -> Iterator[Hop]:
    older: Received | None = None
    vouched = _vouched(rows, border)
    for index, (number, field, received, dialect, kind) in enumerate(reversed(rows)):
        yield Hop(
            index=index,
            field=number,
            header=field,
            received=received,
            software=dialect.software if dialect else None,
            silence=dialect.silence if dialect else Silence.LIKELY_CLEARTEXT,
            kind=kind,
            standing=_standing(number, received, border, vouched),
            delay_seconds=_delay(older, received),
            public=is_public(received, kind),
        )
        older = received


def _vouched(rows: Sequence[_Row], border: Border) -> Received | None:
    """Return the border's field: nothing that it vouches for can be later than it."""
    return None if border.number is None else rows[border.number][2]


def _standing(number: int, received: Received, border: Border, vouched: Received | None) -> Standing:
    """At and above the border trusted, below it claimed, unless one of a closed list shows it to be wrong."""
    if border.number is None:
        return Standing.CLAIMED
    if number <= border.number:
        return Standing.TRUSTED
    return Standing.CONTRADICTED if _contradiction(received, vouched) else Standing.CLAIMED


def _contradiction(received: Received, vouched: Received | None) -> str | None:
    """Name what cannot be. A closed list: never a mismatch of names, never a small difference of clocks."""
    if received.client_ip is not None and kind_of(received.client_ip) is AddressKind.IMPOSSIBLE:
        return f"{received.client_ip} can be no client's address"
    for word in received.text[:500].replace("[", " ").replace("]", " ").split()[:8]:
        if received.client_ip is None and is_impossible_literal(word.strip("()")):
            return f"{word} is no address"
    if vouched is not None and received.received_at and vouched.received_at:
        late = received.received_at - vouched.received_at
        if late > LATE:
            return f"it is dated {int(late.total_seconds())} s after the border took the message"
    return None


def _delay(older: Received | None, received: Received) -> float | None:
    if older is None or older.received_at is None or received.received_at is None:
        return None
    return (received.received_at - older.received_at).total_seconds()


def _total(hops: Sequence[Hop]) -> float | None:
    """Return the seconds from the oldest to the newest dated hop; None with fewer than two, or if the clocks disagree."""
    times = [hop.received.received_at for hop in hops if hop.received.received_at is not None]
    if len(times) < 2:
        return None
    total = (times[-1] - times[0]).total_seconds()
    return total if total >= 0 else None


def _with_findings(path: Path, message: Message, count: int) -> Path:
    found = tuple(_findings(path, message, count))
    return Path(
        hops=path.hops,
        border=path.border,
        border_source=path.border_source,
        border_reason=path.border_reason,
        receiver=path.receiver,
        trust=path.trust,
        total_seconds=path.total_seconds,
        findings=found,
    )


def _findings(path: Path, message: Message, count: int) -> Iterator[Finding]:
    if count > MAX_HOPS:
        yield TOO_MANY.found(f"There are {count}; the topmost {MAX_HOPS} are read.", place(path.hops[-1]))
    if path.border is None and message.fields:
        field = message.fields[0]
        where = place(path.hops[-1]) if path.hops else Evidence(source="header", line=field.line, excerpt=field.name)
        what = "No Received field names a client outside." if path.hops else "There is no Received field."
        yield NO_BORDER.found(what, where)
    vouched = path.border_hop.received if path.border_hop else None
    for hop in path.hops:
        if hop.standing is Standing.CONTRADICTED:
            why = _contradiction(hop.received, vouched)
            yield HOP_CONTRADICTED.found(
                f"{_writer(hop)}: {excerpt(why or '')}.", place(hop), confidence=Confidence.MEDIUM
            )
        if hop.delay_seconds is not None and hop.delay_seconds < -SKEW:
            yield _clocks(hop)


def _clocks(hop: Hop) -> Finding:
    seconds = -(hop.delay_seconds or 0.0)
    off = seconds % 3600
    zone = "; a whole hour points to a time zone set wrongly" if min(off, 3600 - off) <= SKEW and seconds > 1800 else ""
    trusted = hop.standing is Standing.TRUSTED
    return CLOCKS_DIFFER.found(
        f"{_writer(hop)} dated its field {seconds:.0f} s before the hop it follows{zone}.",
        place(hop),
        confidence=Confidence.HIGH if trusted else Confidence.LOW,
        severity=Severity.NOTICE if seconds > 300 else Severity.INFO,
    )


def _writer(hop: Hop) -> str:
    return excerpt(hop.received.by or "the writer of the field")


def place(hop: Hop) -> Evidence:
    """Return a hop's field as evidence."""
    return Evidence(source=f"header:Received[{hop.field}]", line=hop.header.line, excerpt=excerpt(hop.header.value))
