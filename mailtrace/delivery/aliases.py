"""Aliases: the addresses that one stands for, as the events of its message show. Pure."""

from collections.abc import Iterable

from mailtrace.delivery.envelopes import stands_for
from mailtrace.delivery.events import Event, EventKind
from mailtrace.delivery.query import folded

_ON_THE_WAY = (EventKind.ACCEPTED, EventKind.SUBMITTED, EventKind.QUEUED)


def names_of(address: str, events: Iterable[Event]) -> frozenset[str]:
    """Return the addresses that one stands for: itself, with a detail behind a plus, and where aliases led it."""
    events = list(events)
    names = {folded(address)}
    people = {folded(one) for event in events for one in (event.recipient, event.original_recipient) if one}
    names |= {one for one in people if "+" in one and folded(address) in stands_for(one)}
    known = [
        (folded(one.original_recipient), folded(one.recipient))
        for one in events
        if one.original_recipient and one.recipient
    ]
    for _ in range(4):
        names |= {final for original, final in known if original in names}
    return frozenset(names)


def finals_of(address: str, events: Iterable[Event]) -> tuple[str, ...]:
    """Return the addresses that an alias led to, in order; none for an address that is itself delivered to."""
    led: dict[str, str] = {}
    for one in events:
        if one.recipient and folded(one.recipient) == folded(address) and one.kind not in _ON_THE_WAY:
            return ()
        if one.recipient and one.original_recipient and folded(one.original_recipient) == folded(address):
            led.setdefault(folded(one.recipient), one.recipient)
    return tuple(led.values())
