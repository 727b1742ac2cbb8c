"""Re-entry: a filter that looks like a mailbox to the server, and hands the message back to it. Pure.

dspam over LMTP, SpamAssassin behind a transport of Exim's: the line says that it was delivered, and it came in again on
the same machine. What became of it then is what counts.
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from mailtrace.delivery.events import Event, EventKind
from mailtrace.delivery.query import folded

_BEGINS = (EventKind.ACCEPTED, EventKind.SUBMITTED)
_FATES = (
    EventKind.RELAYED,
    EventKind.DELIVERED,
    EventKind.FILTERED,
    EventKind.QUARANTINED,
    EventKind.BOUNCED,
    EventKind.DEFERRED,
    EventKind.GREYLISTED,
)
LOOPBACK = re.compile(r"(?:[^\[]*\[)?(?:127\.[\d.]+|::1|localhost)\]?\Z")
_NEAR = timedelta(minutes=1)
"""How long after its delivery a message may come in again: filters hand it back before they say that they took it."""

_Entry = tuple[str | None, str]


def beyond_filters(events: Sequence[Event]) -> list[Event]:
    """Leave out the deliveries to a filter that handed the message back; `events`: of one recipient, in order."""
    begun: dict[_Entry, tuple[int, Event]] = {}
    for at, event in enumerate(events):
        if event.kind in _BEGINS and event.queue_id is not None:
            begun.setdefault((event.host, event.queue_id), (at, event))
    if len(begun) < 2:
        return list(events)
    fates = {
        ((event.host, event.queue_id), folded(event.recipient))
        for event in events
        if event.queue_id is not None and event.recipient is not None and event.kind in _FATES
    }
    return [event for event in events if not _came_back(event, begun, fates)]


def _came_back(event: Event, begun: dict[_Entry, tuple[int, Event]], fates: set[tuple[_Entry, str]]) -> bool:
    if event.kind is not EventKind.DELIVERED or event.folder is not None or event.time is None:
        return False
    if event.queue_id is None or (first := begun.get((event.host, event.queue_id))) is None:
        return False
    people = {folded(one) for one in (event.recipient, event.original_recipient) if one}
    return any(
        entry[0] == event.host
        and at > first[0]
        and (again.peer is None or LOOPBACK.match(again.peer) is not None)
        and again.time is not None
        and again.time <= event.time + _NEAR
        and any((entry, one) in fates for one in people)
        for entry, (at, again) in begun.items()
    )
