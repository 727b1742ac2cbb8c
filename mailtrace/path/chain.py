"""The hop chain: physical order, delays, standing, and what contradicts itself.

The topmost field is the newest hop, whatever its date says: each server adds its field on top (RFC 5321 §4.4), and a
field is never sorted by a date that somebody may have made up.
"""

from collections.abc import Sequence

from mailtrace.path.border import Border
from mailtrace.path.clocks import is_zone_fault
from mailtrace.path.rows import Row
from mailtrace.path.types import Hop, Received, Silence
from mailtrace.printable import duration
from mailtrace.results import Standing

LATE = 3600.0
"""Seconds by which a hop may be later than a trusted hop above it before that cannot be."""


def link(rows: Sequence[Row], border: Border) -> tuple[Hop, ...]:
    """Make the hops, oldest first."""
    contradictions = find_contradictions(rows, border)
    hops = []
    older: Received | None = None
    for index, row in enumerate(reversed(rows)):
        facts, dialect = row.facts, row.reading.dialect
        hops.append(
            Hop(
                index=index,
                field=row.number,
                header=row.header,
                received=row.received,
                software=dialect.software if dialect else None,
                silence=dialect.silence if dialect else Silence.LIKELY_CLEARTEXT,
                kind=facts.kind,
                standing=_standing(row.number, border, contradictions),
                delay_seconds=_delay(older, row.received),
                public=facts.public_at_border if row.number == border.number else facts.public,
            )
        )
        older = row.received
    return tuple(hops)


def _standing(number: int, border: Border, contradictions: dict[int, str]) -> Standing:
    if number in contradictions:
        return Standing.CONTRADICTED
    return Standing.TRUSTED if number < border.trusted else Standing.CLAIMED


def _delay(older: Received | None, received: Received) -> float | None:
    if older is None or older.received_at is None or received.received_at is None:
        return None
    return (received.received_at - older.received_at).total_seconds()


def find_contradictions(rows: Sequence[Row], border: Border) -> dict[int, str]:
    """Return what cannot be, by the number of the field. A closed list of hard contradictions:

    1. the client's address is none that a TCP peer can have
    2. the hop is later than the nearest trusted hop above it by more than an hour, and not by a wrong time zone

    Never a mismatch of names (3.7 % of honest pairs), never a small negative delay (17 % of honest messages).
    """
    found: dict[int, str] = {}
    vouched: Received | None = None
    above: Received | None = None
    for row in rows:
        if why := row.facts.impossible or _too_late(row.received, vouched, above):
            found[row.number] = why
        elif row.number < border.trusted and row.received.received_at is not None:
            vouched = row.received
        above = None if row.number in found else row.received
    return found


def _too_late(received: Received, vouched: Received | None, above: Received | None) -> str | None:
    if vouched is None or vouched.received_at is None or received.received_at is None:
        return None
    late = (received.received_at - vouched.received_at).total_seconds()
    # Handed on at once by a server whose zone is wrong, and waiting only then.
    if late <= LATE or is_zone_fault(-late) or is_zone_fault(_since(received, above)):
        return None
    return f"it is dated {duration(late)} later than the trusted hop above it"


def _since(older: Received, newer: Received | None) -> float:
    """Return the seconds that passed up to the hop behind; 0.0 where they are not known."""
    return _delay(older, newer) or 0.0 if newer is not None else 0.0


def total_seconds(hops: Sequence[Hop]) -> float | None:
    """Return the seconds from the oldest dated hop to the newest; None with fewer than two, or if negative."""
    times = [hop.received.received_at for hop in hops if hop.received.received_at is not None]
    total = (times[-1] - times[0]).total_seconds() if len(times) > 1 else -1.0
    return total if total >= 0 else None
