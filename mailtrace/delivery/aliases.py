"""Aliases: the addresses that one stands for, as the events of its message show. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

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
    known += pairs_of(events)
    for _ in range(4):
        names |= {final for original, final in known if original in names}
    return frozenset(names)


def pairs_of(events: Sequence[Event]) -> list[tuple[str, str]]:
    """Pair addresses with what they are called further on, where no line says so but the way does."""
    return [*boxes_of(events), *_handed_on(events)]


def _handed_on(events: Sequence[Event]) -> list[tuple[str, str]]:
    """Pair a recipient with whom the next queue names, where it was handed over for nobody else and names no other.

    The next server may know an alias, or a forwarding, of which its lines do not speak.
    """
    handed: dict[str, set[str]] = defaultdict(set)
    for one in events:
        if one.kind is EventKind.RELAYED and one.next_queue_id and one.recipient:
            handed[one.next_queue_id].add(folded(one.recipient))
    if not handed:
        return []
    named: dict[str, set[str]] = defaultdict(set)
    for one in events:
        if one.queue_id in handed and one.recipient and one.kind not in _ON_THE_WAY:
            named[one.queue_id].add(folded(one.recipient))
    # It may be for somebody else as well (an archive), and this recipient's line be still to come.
    several = {one.queue_id for one in events if one.taken_for is not None and one.taken_for > 1}
    return [
        (next(iter(people)), next(iter(named[queue_id])))
        for queue_id, people in handed.items()
        if len(people) == 1 and len(named[queue_id]) == 1 and not people & named[queue_id] and queue_id not in several
    ]


def boxes_of(events: Sequence[Event]) -> list[tuple[str, str]]:
    """Pair addresses with the mailboxes that a store calls by a user's name only: `lmtp(bob)`.

    The session tells whose it is; else the name, if it is the first part of one address alone.
    """
    boxes = {folded(one.recipient) for one in events if one.recipient and "@" not in one.recipient}
    if not boxes:
        return []
    people = {folded(one.recipient) for one in events if one.recipient and "@" in one.recipient}
    owners: dict[str, set[str]] = defaultdict(set)
    for person in people:
        owners[person.partition("@")[0]].add(person)
    named: dict[str, set[str]] = defaultdict(set)
    for one in events:
        if one.queue_id and one.recipient and "@" not in one.recipient:
            named[one.queue_id].add(folded(one.recipient))
    pairs = [
        (folded(one.recipient), box)
        for one in events
        if one.recipient and "@" in one.recipient and one.next_queue_id
        for box in named.get(one.next_queue_id, ())
    ]
    known = {box for _, box in pairs}
    return pairs + [(next(iter(owners[box])), box) for box in sorted(boxes - known) if len(owners[box]) == 1]


def finals_of(address: str, events: Iterable[Event]) -> tuple[str, ...]:
    """Return the addresses that an alias led to, in order; none for an address that is itself delivered to."""
    led: dict[str, str] = {}
    for one in events:
        if one.recipient and folded(one.recipient) == folded(address) and one.kind not in _ON_THE_WAY:
            return ()
        if one.recipient and one.original_recipient and folded(one.original_recipient) == folded(address):
            led.setdefault(folded(one.recipient), one.recipient)
    return tuple(led.values())
