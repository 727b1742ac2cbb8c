"""Waiting: where a message lost time on its way, as the logs say. Pure.

A refusal that asks to come again costs the time until it was taken after all. Where the sending server's log is here as
well, the wait is told once, as the sender's. What Postfix calls the time before the queue holds such a wait too, since
a message comes back into the queue for each try: then it is not told again.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from mailtrace.delivery.answer import Waited
from mailtrace.delivery.events import Event, EventKind
from mailtrace.delivery.join import in_order
from mailtrace.records import Struct

LONG = 60.0
"""Seconds below which nobody waits."""
AGAIN = 1.0
"""The same for tries that failed."""
_PARTS = ("before-queue", "queue", "connect", "transfer")
_FAILED = (EventKind.DEFERRED, EventKind.GREYLISTED)
_ENDED = (EventKind.RELAYED, EventKind.DELIVERED, EventKind.FILTERED, EventKind.BOUNCED)


class _Span(Struct, frozen=True, kw_only=True):
    first: datetime
    last: datetime
    waited: Waited


def waits_of(events: Sequence[Event]) -> tuple[Waited, ...]:
    """Return the waits of one recipient's events, in order of time."""
    ordered = [event for event in in_order(events) if event.time is not None]
    tries = list(_between_tries(ordered))
    # The same wait as the other side's log tells it.
    asked = [
        one
        for one in _until_they_came(ordered)
        if not any(other.first <= one.last and one.first <= other.last for other in tries)
    ]
    found = [*tries, *asked, *_parts(ordered)]
    return tuple(one.waited for one in sorted(found, key=lambda one: (one.last, one.first)))


def _between_tries(ordered: Sequence[Event]) -> Iterator[_Span]:
    """Give what passed in each queue from the first try that failed to the one that ended it."""
    failed: dict[tuple[str | None, str], list[Event]] = {}
    for event in ordered:
        if event.queue_id is None or event.of_client:
            continue
        key = event.host, event.queue_id
        if event.kind in _FAILED:
            failed.setdefault(key, []).append(event)
        elif event.kind in _ENDED and (tried := failed.pop(key, None)):
            span = _span(tried, event)
            if span is not None:
                yield span


def _until_they_came(ordered: Sequence[Event]) -> Iterator[_Span]:
    """Give what passed from the first time that a client was refused for now to what the same server did next."""
    asked: list[Event] = []
    for event in ordered:
        if event.of_client and event.kind in _FAILED:
            asked.append(event)
        elif asked and event.host == asked[0].host:
            span = _span(asked, event)
            asked = []
            if span is not None:
                yield span


def _span(tried: Sequence[Event], ended: Event) -> _Span | None:
    first, last = tried[0].time, ended.time
    if first is None or last is None or (seconds := (last - first).total_seconds()) < AGAIN:
        return None
    all_grey = all(event.kind is EventKind.GREYLISTED for event in tried)
    why = "greylisted" if all_grey else "deferred"
    return _Span(first=first, last=last, waited=Waited(host=tried[0].host, seconds=seconds, why=why))


def _parts(ordered: Sequence[Event]) -> Iterator[_Span]:
    """Give the long parts of what Postfix says a delivery took."""
    tried: set[str | None] = set()
    for event in ordered:
        if event.kind in _FAILED:
            tried.add(event.queue_id)
        elif event.delays is not None and event.time is not None:
            for seconds, part in zip(event.delays, _PARTS, strict=True):
                if seconds >= LONG and not (part == "before-queue" and event.queue_id in tried):
                    waited = Waited(host=event.host, seconds=seconds, why=part)
                    yield _Span(first=event.time, last=event.time, waited=waited)
