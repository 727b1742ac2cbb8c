"""Waiting: where a message lost time on its way, as the logs say. Pure."""

from collections.abc import Sequence

from mailtrace.delivery.answer import Waited
from mailtrace.delivery.events import Event, EventKind
from mailtrace.delivery.join import in_order

LONG = 60.0
"""Seconds below which nobody waits."""
_PARTS = ("before-queue", "queue", "connect", "transfer")


def waits_of(events: Sequence[Event]) -> tuple[Waited, ...]:
    """Return the waits of one recipient's events, in order of time."""
    ordered = [event for event in in_order(events) if event.time is not None]
    found: list[Waited] = []
    tried: set[str | None] = set()
    asked: Event | None = None
    for event in ordered:
        if event.kind is EventKind.GREYLISTED and event.queue_id is None:
            asked = asked or event
            continue
        if asked is not None and asked.time is not None and event.time is not None and event.host == asked.host:
            seconds = (event.time - asked.time).total_seconds()
            found += [Waited(host=asked.host, seconds=seconds, why="greylisted")] if seconds >= LONG else []
            asked = None
        if event.kind in (EventKind.DEFERRED, EventKind.GREYLISTED):
            tried.add(event.queue_id)
        elif event.delays is not None:
            found += _parts(event, event.delays, again=event.queue_id in tried)
    return tuple(found)


def _parts(event: Event, delays: Sequence[float], *, again: bool) -> list[Waited]:
    named = zip(delays, _PARTS, strict=False)
    return [
        Waited(host=event.host, seconds=seconds, why="deferred" if again and part == "queue" else part)
        for seconds, part in named
        if seconds >= LONG
    ]
