"""Afterwards: what somebody did with a message in the mailbox, as the store's log says. Pure."""

import re
from collections.abc import Sequence

from mailtrace.delivery.events import Event, EventKind
from mailtrace.findings import excerpt

_FROM = re.compile(r"(copy|move) from (.+)")
_DONE = {"expunge": "removed from", "delete": "marked as deleted in", "undelete": "no longer marked as deleted in"}
_CARRIED = {"copy": "copied", "move": "moved"}
MOST = 4
"""Steps that are told; of more the last ones."""


def used(events: Sequence[Event], since: Event) -> tuple[Event, ...]:
    """Return the events that are uses of the message in its mailbox after it was put there, in the given order."""
    return tuple(
        event
        for event in events
        if event.kind is EventKind.MAILBOX_COPY
        and event.reply is not None
        and event.folder is not None
        and (event.time is None or since.time is None or event.time >= since.time)
    )


def in_words(events: Sequence[Event]) -> tuple[str, ...]:
    """Say each step: `copied from INBOX into Trash`, `removed from INBOX`."""
    told = dict.fromkeys(word for event in events if (word := _step(event)) is not None)
    return tuple(told)[-MOST:]


def _step(event: Event) -> str | None:
    folder = excerpt(event.folder or "")
    if match := _FROM.fullmatch(event.reply or ""):
        return f"{_CARRIED[match[1]]} from {excerpt(match[2])} into {folder}"
    done = _DONE.get(event.reply or "")
    return f"{done} {folder}" if done else None
