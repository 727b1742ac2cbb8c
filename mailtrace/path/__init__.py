"""Rebuild: from Received fields to the hop chain, with the border and the standing of every hop (RFC 5321 §4.4).

Takes the message and what the examiner trusts; gives the hops, oldest first. Pure: no DNS, no clock, no bytes kept.
"""

from collections.abc import Sequence

from mailtrace.message.types import Message
from mailtrace.path.alternatives import as_borders, find_others, other_readings
from mailtrace.path.border import Border, find_border
from mailtrace.path.chain import link, total_seconds
from mailtrace.path.greylist import read_greylisting
from mailtrace.path.observations import observe
from mailtrace.path.related import join
from mailtrace.path.related_findings import observe_related
from mailtrace.path.rows import Row, read_rows
from mailtrace.path.trust import read_trust
from mailtrace.path.types import BorderSource, Hop, HopKind, Path, Received, Silence, Wait, WaitKind
from mailtrace.path.waiting import read_waits, waited
from mailtrace.records import replace

__all__ = ["BorderSource", "Hop", "HopKind", "Path", "Received", "Silence", "Wait", "WaitKind", "hop_chain", "rebuild"]

MAX_HOPS = 1000
"""Received fields that are read, from the top; servers refuse mail with a hundred (RFC 5321 §6.3)."""


def hop_chain(message: Message, trust: Sequence[str] = ()) -> tuple[tuple[Row, ...], Border, tuple[Hop, ...]]:
    """Return the fields, topmost first, the border, and the hops, oldest first: the chain, and nothing said of it."""
    rows = read_rows(message.all("received")[:MAX_HOPS])
    border = find_border(rows, read_trust(trust))
    return rows, border, link(rows, border)


def rebuild(message: Message, trust: Sequence[str] = ()) -> Path:
    """Rebuild the chain, oldest hop first. `trust`: host names, domains and networks of the receiver."""
    rows, border, linked = hop_chain(message, trust)
    others = find_others(rows, read_trust(trust), border, message)
    stated = read_greylisting(message, linked)
    joined, unplaced = join(message.fields, linked)
    hops = tuple(
        replace(hop, clock_ahead=ahead, wait=wait, related=related.fields, related_left_out=related.left_out)
        for hop, (ahead, wait), related in zip(linked, read_waits(message, linked, stated), joined, strict=True)
    )
    waited_seconds, slowest = waited(hops)
    return Path(
        hops=hops,
        border=None if border.number is None else len(hops) - 1 - border.number,
        border_source=border.source,
        border_reason=border.reason,
        receiver=border.receiver,
        trust=tuple(trust),
        trust_matched=border.matched,
        other_borders=as_borders(others, len(hops)),
        total_seconds=total_seconds(hops),
        waited_seconds=waited_seconds,
        slowest=slowest,
        unplaced=unplaced.fields,
        unplaced_left_out=unplaced.left_out,
        findings=(
            *observe(message, rows, hops, border, trust, stated),
            *other_readings(rows, border, others),
            *observe_related(hops, unplaced.fields),
        ),
    )
