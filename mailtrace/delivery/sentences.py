"""Sentences: what is said to a person, with times in the asker's zone and in UTC. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from mailtrace.delivery import afterwards
from mailtrace.delivery.answer import Outcome
from mailtrace.delivery.events import Event, EventKind
from mailtrace.delivery.folders import INBOX
from mailtrace.delivery.logs.replies import is_discarded
from mailtrace.delivery.outcome import State
from mailtrace.delivery.query import folded
from mailtrace.delivery.reasons import ADVICE, Reason, in_words, reason_of
from mailtrace.delivery.reentry import LOOPBACK
from mailtrace.findings import excerpt
from mailtrace.sources import Kind

_CODE = re.compile(r"(?:\A|[ :])([245]\d\d)(?=[ -])", re.ASCII)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def when(time: datetime | None, zone: tzinfo) -> str:
    """Say when, in the zone and in UTC.

    >>> from zoneinfo import ZoneInfo
    >>> when(datetime(2026, 10, 20, 10, 0, 1, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    'Tue 20 Oct 2026 12:00:01 (10:00:01 UTC)'
    """
    if time is None:
        return "at a time that is not stated"
    try:
        there = time.astimezone(zone)
    except OverflowError:
        there = time
    utc = time.astimezone(UTC)
    words = f"{_DAYS[there.weekday()]} {there.day} {MONTHS[there.month - 1]} {there.year} {there:%H:%M:%S}"
    if there.utcoffset() == timedelta(0):
        return f"{words} UTC"
    day = "" if there.date() == utc.date() else f"{utc.day} {MONTHS[utc.month - 1]} "
    return f"{words} ({day}{utc:%H:%M:%S} UTC)"


def listed(names: Sequence[str], *, limit: int = 4) -> str:
    """Join names as a sentence does.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    shown = [*names[:limit], *([f"{len(names) - limit:,} more"] if len(names) > limit else [])]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else "nothing"


def explain(address: str, state: State, zone: tzinfo) -> str:
    """Say in one sentence what became of it for one recipient."""
    event = state.evidence
    who, time = excerpt(address), when(event.time, zone)
    match state.outcome:
        case Outcome.DELIVERED:
            return _delivered(who, state, time)
        case Outcome.FILTERED | Outcome.QUARANTINED:
            return _filtered(who, state, time)
        case Outcome.BOUNCED:
            back = f"It was sent back by {excerpt(event.host)}." if event.host else "It was sent back."
            return f"{who} did not get it: {why_of(event)} ({code_of(event)}{time}). {back}"
        case Outcome.REJECTED:
            server = f"{excerpt(event.host)} refused it" if event.host else "it was refused"
            refused = f"{who} did not get it: {server}, because {why_of(event)} ({code_of(event)}{time})."
            return f"{refused}{_which(event)}"
        case Outcome.DEFERRED:
            silence = " Nothing is logged of it since: whether it waits still is not known." if state.is_stale else ""
            return f"{_deferred(who, event, time, is_stale=state.is_stale)}{silence}"
        case _:
            return _handed_over(who, event, time)


def _delivered(who: str, state: State, time: str) -> str:
    event, copy = state.evidence, state.copy
    if copy is None:
        folder = excerpt(event.folder or "the mailbox")
        if event.kind is EventKind.MAILBOX_COPY:
            return f"{who} got it{_as_whom(who, event)}: it was in {folder} on {time}{_then(state)}."
        if (event.reply or "").startswith(_PROGRAM) and event.folder is None:
            given = f"it was given to the program that puts mail into the mailbox on {time}"
            return f"{who} got it{_as_whom(who, event)}: {given}. What that did with it, this log does not show."
        steps = afterwards.in_words(state.used)
        still = f"Then it was {listed(steps)}." if steps else "Whether it is there still, a log does not show."
        return f"{who} got it{_as_whom(who, event)}: it was put into {folder} on {time}. {still}"
    if copy.kind in (Kind.EML, Kind.MSG) and event.folder is None:
        got = f"{excerpt(copy.member or copy.source)} is a copy of it that was received on {time}"
        return f"{who} has it{_as_whom(who, event)}: {got}. In which folder it lay, a single file does not show."
    opened = ""
    if copy.flags is not None:
        opened = " It is marked as seen." if "S" in copy.flags else " It is not marked as seen."
    moved = f" It was delivered into {excerpt(state.moved_from)}, and was moved." if state.moved_from else ""
    return f"{who} has it{_as_whom(who, event)}, in {excerpt(event.folder or INBOX)}, since {time}.{opened}{moved}"


def _then(state: State) -> str:
    steps = afterwards.in_words(state.used)
    return f", and was {listed(steps)}" if steps else ""


def _filtered(who: str, state: State, time: str) -> str:
    event = state.evidence
    reply = f": {excerpt(event.reply)}" if event.reply else ""
    if state.outcome is Outcome.QUARANTINED:
        place = (
            f"in {excerpt(event.folder)}"
            if event.folder
            else f"by {excerpt(event.host)}"
            if event.host
            else "by a filter"
        )
        return f"{who} did not get it, as far as these sources go: it is held {place} since {time}{reply}."
    if event.folder is not None and event.kind is EventKind.MAILBOX_COPY and state.copy is None:
        return f"{who} got it{_as_whom(who, event)}, but it was in {excerpt(event.folder)} on {time}{_then(state)}."
    if event.folder is not None and state.copy is None:
        steps = afterwards.in_words(state.used)
        then = f" Then it was {listed(steps)}." if steps else ""
        return f"{who} got it{_as_whom(who, event)}, but it was put into {excerpt(event.folder)} on {time}.{then}"
    if event.folder is not None:
        return f"{who} has it{_as_whom(who, event)}, but in {excerpt(event.folder)}, since {time}."
    if (event.reply or "").startswith("removed by "):
        queue = f"the queue of {excerpt(event.host)}" if event.host else "the queue"
        return f"{who} did not get it: it was taken out of {queue} ({time}){reply}."
    if (event.reply or "").startswith("redirected: "):
        return f"{who} did not get it: a rule sent it to somebody else ({time}){reply}."
    # "Marked message to be discarded" says no more than the sentence does.
    reply = "" if "discard" in reply.lower() else reply
    what = "a filter" if is_discarded(event.reply) else "a rule"
    return f"{who} did not get it: {what} discarded it ({time}){reply}."


def _as_whom(who: str, event: Event) -> str:
    """Name the address that it was delivered to, where an alias or a rule led from the one asked for to another."""
    final = event.recipient
    # Exim and Dovecot may name the mailbox only: `bob`.
    if final is None or "@" not in final or folded(final) == folded(who):
        return ""
    return f" as {excerpt(final)}"


def _deferred(who: str, event: Event, time: str, *, is_stale: bool) -> str:
    if event.kind is EventKind.GREYLISTED:
        again = f"{_refuser(event)} asked to come again later, as greylisting does"
        return f"{who} does not have it yet: {again} ({code_of(event)}{time}).{_which(event)}"
    if event.kind is EventKind.DEFERRED and event.of_client:
        why = "" if reason_of(event.status, event.reply) is Reason.LATER else f", because {why_of(event)}"
        refused = f"{_refuser(event)} refused it for now{why}"
        return f"{who} does not have it yet: {refused} ({code_of(event)}{time}); the sending server is to come again."
    if event.kind is EventKind.DEFERRED and is_frozen(event):
        host = excerpt(event.host) if event.host else "the server"
        frozen = f"it is frozen in the queue of {host}, and not tried until it is released"
        return f"{who} does not have it yet: {frozen} ({time})."
    if event.kind is EventKind.DEFERRED:
        again = "" if is_stale else "; the server goes on trying"
        return f"{who} does not have it yet: {why_of(event)} ({code_of(event)}{time}){again}."
    host = excerpt(event.host) if event.host else "the server"
    named = "no try is logged" if event.recipient else "no try is logged, and so no recipient is named"
    return f"{who} does not have it yet: it waits in the queue of {host} since {time}; {named}."


def is_frozen(event: Event) -> bool:
    """Tell whether Exim has put it aside."""
    return event.of_all and event.recipient is None and "rozen" in (event.reply or "")


def _which(event: Event) -> str:
    """Say that a refusal before the message itself was sent does not name it."""
    if event.message_id is not None or event.queue_id is not None:
        return ""
    return " That names no message: sender, recipient and time are all that is logged of one that was refused so early."


def _handed_over(who: str, event: Event, time: str) -> str:
    final = _as_whom(who, event)
    whom = f"{who} ({final.strip()})" if final else who
    if (near := _on_the_machine(event)) is not None:
        return f"{near} took it over for {whom} on {time}. What it did with it, these sources do not show."
    if event.peer is None and event.original_recipient and event.recipient:
        forwarded = (
            f"A rule of {excerpt(event.original_recipient)} forwarded it to {excerpt(event.recipient)} on {time}"
        )
        return f"{forwarded}. What became of it there, these sources cannot show."
    return f"{_other(event)} took it over for {whom} on {time}. What became of it there, these sources cannot show."


_PROGRAM = ("delivered to command: ", "delivered via ", "T=", "|", 'Sent "|', "Sent |")
"""How the words begin of a delivery to a program."""


def _on_the_machine(event: Event) -> str | None:
    """Name what took it on the server itself: a program, or a filter or proxy that is no other side's server."""
    host = excerpt(event.host) if event.host else "the server"
    if event.peer is None and (event.reply or "").startswith(_PROGRAM):
        return f"A program on {host}"
    if event.peer is not None and LOOPBACK.match(event.peer):
        return f"A filter or proxy on {host} itself ({excerpt(event.peer)})"
    return None


def _refuser(event: Event) -> str:
    if event.of_client:
        return excerpt(event.host) if event.host else "the server"
    return _other(event)


def _other(event: Event) -> str:
    return excerpt(event.peer) if event.peer else "the other server"


def why_of(event: Event) -> str:
    """Say in plain words why something was not delivered."""
    return in_words(event.status, event.reply)


def code_of(event: Event) -> str:
    """Return the code that was given, with a comma behind."""
    code = _CODE.search((event.reply or "")[:500])
    parts = [part for part in (code[1] if code else None, event.status) if part]
    return f"{' '.join(parts)}, " if parts else ""


def advise(address: str, state: State, zone: tzinfo) -> tuple[str, ...]:
    """Say what to do next, and whom to ask for what."""
    event, who = state.evidence, excerpt(address)
    domain = who.rpartition("@")[2] if "@" in who else excerpt(event.host or "the server")
    match state.outcome:
        case Outcome.BOUNCED | Outcome.REJECTED:
            reason = reason_of(event.status, event.reply)
            default = "Show the reply to the administrator of the sending server."
            return (ADVICE.get(reason, default).format(address=who, domain=domain),)
        case Outcome.HANDED_OVER:
            return (_ask(event, zone),)
        case Outcome.FILTERED if event.folder is not None:
            return (f"Ask the owner of {who} to look into {excerpt(event.folder)}.",)
        case Outcome.FILTERED if (event.reply or "").startswith("removed by "):
            return (f"Ask the administrator of {excerpt(event.host or 'the server')} who removed it, and why.",)
        case Outcome.FILTERED if "@" not in who:
            return (f"Ask the administrator of {domain} which rule it was.",)
        case Outcome.FILTERED:
            return (f"Ask the owner of {who}, or the administrator of {domain}, which rule it was.",)
        case Outcome.QUARANTINED:
            held = f" (id {excerpt(event.queue_id)})" if event.queue_id else ""
            return (f"Ask the administrator of {domain} to release it{held}.",)
        case Outcome.DEFERRED if state.is_stale:
            what = f"id {excerpt(event.queue_id)}" if event.queue_id else "the message"
            return (f"Ask the administrator of {excerpt(event.host or 'the server')} whether {what} waits still.",)
        case Outcome.DEFERRED if is_frozen(event):
            return (f"Ask the administrator of {domain} to release it (id {excerpt(event.queue_id or '')}).",)
        case Outcome.DEFERRED:
            again = event.of_client or event.kind is EventKind.GREYLISTED
            return (f"{_WAIT} {_AGAIN}" if again else _WAIT,)
        case _:
            return ()


_WAIT = "Wait: servers go on trying for up to five days, then the sender gets a bounce."
_AGAIN = "If the sending server does not come again, its administrator must look: it was asked for another try."


def _ask(event: Event, zone: tzinfo) -> str:
    if _on_the_machine(event) is not None:
        host = excerpt(event.host) if event.host else "the server"
        called = f" (it called it {excerpt(event.next_queue_id)})" if event.next_queue_id else ""
        return f"Get the log of that program{called} on {host}, or ask the administrator there."
    server = excerpt(event.peer.partition("[")[0] or event.peer) if event.peer else "the server that took it over"
    what = f"queue id {excerpt(event.next_queue_id)}" if event.next_queue_id else "the message"
    del zone  # whoever is asked may be anywhere: UTC
    return f"Ask the administrators of {server} for {what} at {when(event.time, UTC)}."
