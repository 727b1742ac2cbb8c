"""Join: which events are of one message. Message-ID to queue id, queue id to the next server's queue id. Pure.

A queue id is one server's, and short ones are used again: what is joined by one is kept apart by time. Sender,
recipient and time join only what nothing better does, and that is said (`JoinedBy.ENVELOPE`).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from mailtrace.delivery.envelopes import stands_for
from mailtrace.delivery.events import Event, EventKind, JoinedBy
from mailtrace.delivery.folders import Role, role_of
from mailtrace.delivery.query import Query, folded
from mailtrace.records import Struct, replace

HAND_OVER = timedelta(minutes=15)
"""How far apart one server's reply and the other's lines may be: clocks differ, and a transfer takes its time."""
NEAR = timedelta(minutes=10)
"""How near in time an event without any id must be to one of the same envelope."""
COME_AGAIN = timedelta(hours=4)
"""The same for a refusal that asks to come again: RFC 5321 §4.5.4.1 lets a sender wait half an hour and more."""

_BEGINS = (EventKind.SUBMITTED, EventKind.ACCEPTED)
_TEMPORARY = (EventKind.GREYLISTED, EventKind.DEFERRED)
_EARLIEST = datetime.min.replace(tzinfo=UTC)


class Joined(Struct, frozen=True, kw_only=True):
    """An event, and how it is known to be of its message."""

    event: Event
    by: JoinedBy


class Trail(Struct, frozen=True, kw_only=True):
    """Everything that is known of one message, in order of time."""

    events: tuple[Joined, ...]
    message_ids: tuple[str, ...]
    senders: tuple[str, ...]
    """Envelope senders, in order."""
    recipients: tuple[str, ...]
    """As envelopes name them, in order; the original ones as well."""


def in_order(events: Iterable[Event]) -> list[Event]:
    """Sort by time, then along the way, then by place; the order of the sources makes no difference.

    Most logs have whole seconds, and a message is often through two servers and in its mailbox in one.
    """
    known = list(events)
    steps = _steps(known)
    return sorted(
        known,
        key=lambda one: (
            one.time or _EARLIEST,
            _AT_THE_END if one.kind is EventKind.MAILBOX_COPY else steps.get(one.queue_id, 0),
            one.source.name,
            one.source.line or 0,
            one.kind,
        ),
    )


_AT_THE_END = 1 << 30
_MOST_STEPS = 16
"""Servers, one behind the other, that are put in order."""


def _steps(events: Sequence[Event]) -> dict[str | None, int]:
    """Count how many queues each queue id is away from the first one."""
    found: dict[str | None, int] = {}
    handed = {(event.queue_id, event.next_queue_id) for event in events if event.queue_id and event.next_queue_id}
    handed |= {
        (event.previous_queue_id, event.queue_id) for event in events if event.previous_queue_id and event.queue_id
    }
    for _ in range(_MOST_STEPS):
        moved = [(after, found.get(before, 0) + 1) for before, after in handed]
        further = [(after, step) for after, step in moved if step > found.get(after, 0)]
        if not further:
            break
        for after, step in further:
            found[after] = max(step, found.get(after, 0))
    return found


_Key = tuple[str, ...]


def trails(events: Iterable[Event], query: Query) -> tuple[Trail, ...]:
    """Return the messages that are asked for, oldest first."""
    ordered = in_order(events)
    groups = _Groups()
    keys = _queue_keys(ordered)
    for at, event in enumerate(ordered):
        groups.join([("event", str(at)), *_ids(event, keys[at])])
    _hand_overs(ordered, keys, groups)
    _by_envelope(ordered, keys, groups)
    members: dict[_Key, list[int]] = defaultdict(list)
    for at in range(len(ordered)):
        members[groups.root(("event", str(at)))].append(at)
    found = [_trail([ordered[at] for at in group], query) for group in members.values()]
    return tuple(trail for trail in found if is_asked_for(trail, query))


def is_asked_for(trail: Trail, query: Query) -> bool:
    """Tell whether this is a message that the query means."""
    if query.message_ids:
        return bool(set(query.message_ids).intersection(trail.message_ids))
    if query.senders and not _meets(query.senders, trail.senders):
        return False
    if query.recipients and not _meets(query.recipients, trail.recipients):
        return False
    times = [one.event.time for one in trail.events if one.event.time is not None]
    if times and not query.in_time(times[0]):
        return False
    subjects = [one.event.subject for one in trail.events if one.event.subject is not None]
    return not subjects or any(query.has_subject(subject) for subject in subjects)


def _meets(wanted: Sequence[str], there: Sequence[str]) -> bool:
    return any(stands_for(one) & {folded(address) for address in wanted} for one in there)


class _Groups:
    """Sets that are joined where they share a member."""

    def __init__(self) -> None:
        self._parent: dict[_Key, _Key] = {}

    def root(self, key: _Key) -> _Key:
        path = []
        while (above := self._parent.setdefault(key, key)) != key:
            path.append(key)
            key = above
        for one in path:
            self._parent[one] = key
        return key

    def join(self, keys: Sequence[_Key]) -> None:
        first = self.root(keys[0])
        for key in keys[1:]:
            self._parent[self.root(key)] = first


def _queue_keys(ordered: Sequence[Event]) -> list[_Key | None]:
    """Name the queue entry of each event: host, id, and which use of the id it is."""
    use: dict[tuple[str, str], int] = defaultdict(int)
    began: dict[tuple[str, str], bool] = {}
    named: dict[tuple[str, str], str] = {}
    last: dict[tuple[str, str], datetime] = {}
    keys: list[_Key | None] = []
    for event in ordered:
        if event.queue_id is None:
            keys.append(None)
            continue
        entry = (event.host or "", event.queue_id)
        other_id = event.message_id is not None and named.get(entry, event.message_id) != event.message_id
        # What begins has nothing before it, but for what a server says of it while it comes in.
        is_old = entry in last and event.time is not None and event.time - last[entry] > NEAR
        if other_id or (event.kind in _BEGINS and (began.get(entry) or is_old)):
            use[entry] += 1
            began[entry] = False
            named.pop(entry, None)
        began[entry] = began.get(entry, False) or event.kind in _BEGINS
        if event.message_id is not None:
            named[entry] = event.message_id
        if event.time is not None:
            last[entry] = event.time
        keys.append(("queue", *entry, str(use[entry])))
    return keys


def _ids(event: Event, key: _Key | None) -> list[_Key]:
    found: list[_Key] = [key] if key is not None else []
    if event.message_id is not None:
        found.append(("message", event.message_id))
    return found


def _hand_overs(ordered: Sequence[Event], keys: Sequence[_Key | None], groups: _Groups) -> None:
    """Join the queue entry that a reply names, and the one under which the same server had the message before."""
    entries: dict[str, dict[_Key, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    hosts: dict[_Key, str | None] = {}
    for event, key in zip(ordered, keys, strict=True):
        if key is not None and event.queue_id is not None and event.time is not None:
            entries[event.queue_id][key].append(event.time)
            hosts[key] = event.host
    for event, key in zip(ordered, keys, strict=True):
        if key is None or event.time is None:
            continue
        for other, same_host in ((event.next_queue_id, False), (event.previous_queue_id, True)):
            if other is None:
                continue
            near = [
                (min(abs(time - event.time) for time in times), candidate)
                for candidate, times in entries.get(other, {}).items()
                if candidate != key and (not same_host or hosts[candidate] == event.host)
            ]
            if near and min(near)[0] <= HAND_OVER:
                groups.join([key, min(near)[1]])


def _by_envelope(ordered: Sequence[Event], keys: Sequence[_Key | None], groups: _Groups) -> None:
    """Join what has no id at all: to the one message of the same sender and recipient near in time.

    A server that has a message in its queue for a recipient is not offered it again: what it refuses then is another.
    """
    known: dict[tuple[str, str], list[tuple[datetime, _Key]]] = defaultdict(list)
    taken: dict[tuple[_Key, str | None, str], datetime] = {}
    senders: dict[_Key, str] = {}
    for event, key in zip(ordered, keys, strict=True):
        if key is not None and event.sender is not None:
            senders.setdefault(groups.root(key), folded(event.sender))
    loose: list[tuple[Event, _Key]] = []
    for at, (event, key) in enumerate(zip(ordered, keys, strict=True)):
        if event.time is None or event.recipient is None:
            continue
        if key is not None or event.message_id is not None:
            root = groups.root(("event", str(at)))
            sender = senders.get(root) or (folded(event.sender) if event.sender else None)
            if sender is not None:
                known[sender, folded(event.recipient)].append((event.time, root))
                if key is not None:
                    taken.setdefault((root, event.host, folded(event.recipient)), event.time)
        elif event.sender is not None:
            loose.append((event, ("event", str(at))))
    for event, own in loose:
        assert event.time is not None
        near = {
            groups.root(root)
            for time, root in known.get((folded(event.sender or ""), folded(event.recipient or "")), ())
            if abs(time - event.time) <= (COME_AGAIN if event.kind in _TEMPORARY else NEAR)
            and taken.get((root, event.host, folded(event.recipient or "")), event.time) >= event.time
        }
        if len(near) == 1:
            groups.join([near.pop(), own])


def is_own_copy(event: Event) -> bool:
    """Tell whether somebody put away what he sent himself."""
    return event.kind is EventKind.MAILBOX_COPY and event.folder is not None and role_of(event.folder) is Role.SENT


def _through_aliases(events: Sequence[Event]) -> list[Event]:
    """Tell Sendmail's controlling user of an alias, for whom the message was, from that of the sender."""
    senders: dict[tuple[str | None, str | None], frozenset[str]] = {}
    for event in events:
        if event.kind in _BEGINS and event.sender is not None:
            senders.setdefault((event.host, event.queue_id), stands_for(event.sender))
    return [
        replace(event, original_recipient=event.control, sender=None)
        if event.control is not None
        and (known := senders.get((event.host, event.queue_id))) is not None
        and folded(event.control) not in known
        else event
        for event in events
    ]


def _trail(events: Sequence[Event], query: Query) -> Trail:
    events = _through_aliases(events)
    joined = tuple(Joined(event=event, by=_joined_by(event, query)) for event in events)
    ids = (event.message_id for event in events if event.message_id is not None)
    meant = (event for event in events if not is_own_copy(event))
    people = (one for event in meant for one in (event.recipient, event.original_recipient) if one)
    return Trail(
        events=joined,
        message_ids=tuple(dict.fromkeys(ids)),
        senders=tuple(dict.fromkeys(event.sender for event in events if event.sender is not None)),
        recipients=tuple({folded(one): one for one in people}.values()),
    )


def _joined_by(event: Event, query: Query) -> JoinedBy:
    if event.message_id is not None and (not query.message_ids or event.message_id in query.message_ids):
        return JoinedBy.MESSAGE_ID
    if event.queue_id is not None or event.message_id is not None:
        return JoinedBy.QUEUE_ID
    return JoinedBy.ENVELOPE
