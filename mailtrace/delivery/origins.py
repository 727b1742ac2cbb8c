"""Origins: whether more than one message came in under the Message-ID that is asked for. Pure.

A list sends its own copy beside the one that went directly; and anybody can write a Message-ID that they have seen.
"""

from collections import defaultdict
from collections.abc import Sequence

from mailtrace.delivery.envelopes import stands_for
from mailtrace.delivery.events import Event, EventKind

_BEGINS = (EventKind.ACCEPTED, EventKind.SUBMITTED)
_TAKEN = (*_BEGINS, EventKind.QUEUED)
_Entry = tuple[str | None, str]


def senders_of(events: Sequence[Event]) -> tuple[str, ...]:
    """Return the envelope senders under which it came in anew, in order; one sender in several forms is one."""
    handed = {one.next_queue_id for one in events if one.next_queue_id}
    begun = [
        (one.host, one.queue_id)
        for one in events
        if one.kind in _BEGINS
        and one.queue_id is not None
        and one.previous_queue_id is None
        and one.queue_id not in handed
    ]
    named = _named(events)
    found: dict[frozenset[str], str] = {}
    for entry in dict.fromkeys(begun):
        for sender in named.get(entry, ()):
            if not any(stands_for(sender) & known for known in found):
                found[stands_for(sender)] = sender
    return tuple(found.values())


def sender_of(event: Event, events: Sequence[Event]) -> str | None:
    """Return the envelope sender of the message that an event is of; None where its server does not name one."""
    named = _named(events)
    before = [(one.host, one.queue_id) for one in events if one.queue_id and one.next_queue_id == event.queue_id]
    entries = [(event.host, event.queue_id), *before] if event.queue_id else []
    senders = [sender for host, queue_id in entries if queue_id for sender in named.get((host, queue_id), ())]
    return senders[0] if senders else None


def _named(events: Sequence[Event]) -> dict[_Entry, list[str]]:
    named: dict[_Entry, list[str]] = defaultdict(list)
    for one in events:
        # A line on a delivery may name somebody else as its sender: the owner of an alias.
        if one.kind in _TAKEN and one.queue_id and one.sender is not None and one.sender != "<>":
            named[one.host, one.queue_id].append(one.sender)
    return named
