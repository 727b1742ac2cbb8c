"""Sentences: what is said to a person, with times in the asker's zone and in UTC. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from mailtrace.delivery.answer import Outcome
from mailtrace.delivery.events import Event, EventKind, EvidenceClass
from mailtrace.delivery.folders import INBOX
from mailtrace.delivery.outcome import State
from mailtrace.delivery.query import folded
from mailtrace.delivery.reasons import ADVICE, in_words, reason_of
from mailtrace.delivery.report_types import MatchedBy, Report, SealState
from mailtrace.findings import excerpt

_CODE = re.compile(r"(?:\A|[ :])([245]\d\d)(?=[ -])", re.ASCII)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


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
    words = f"{_DAYS[there.weekday()]} {there.day} {_MONTHS[there.month - 1]} {there.year} {there:%H:%M:%S}"
    if there.utcoffset() == timedelta(0):
        return f"{words} UTC"
    day = "" if there.date() == utc.date() else f"{utc.day} {_MONTHS[utc.month - 1]} "
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
    if state.report is not None:
        return _reported(who, state, state.report, time)
    match state.outcome:
        case Outcome.DELIVERED:
            return _delivered(who, state, time)
        case Outcome.FILTERED | Outcome.QUARANTINED:
            return _filtered(who, state, time)
        case Outcome.BOUNCED:
            back = f"It was sent back by {excerpt(event.host)}." if event.host else "It was sent back."
            return f"{who} did not get it: {_why(event)} ({_said(event)}{time}). {back}"
        case Outcome.REJECTED:
            server = f"{excerpt(event.host)} refused it" if event.host else "it was refused"
            return f"{who} did not get it: {server}, because {_why(event)} ({_said(event)}{time})."
        case Outcome.DEFERRED:
            return _deferred(who, event, time)
        case _:
            return _handed_over(who, event, time)


def _delivered(who: str, state: State, time: str) -> str:
    event, copy = state.evidence, state.copy
    folder = event.folder or ("the mailbox" if copy is None else INBOX)
    opened = ""
    if copy is not None and copy.flags is not None:
        opened = " It is marked as seen." if "S" in copy.flags else " It is not marked as seen."
    moved = f" It was delivered into {excerpt(state.moved_from)}, and was moved." if state.moved_from else ""
    return f"{who} has it{_as_whom(who, event)}, in {excerpt(folder)}, since {time}.{opened}{moved}"


def _filtered(who: str, state: State, time: str) -> str:
    event = state.evidence
    if state.outcome is Outcome.QUARANTINED:
        place = (
            f"in {excerpt(event.folder)}"
            if event.folder
            else f"by {excerpt(event.host)}"
            if event.host
            else "by a filter"
        )
        said = f": {excerpt(event.reply)}" if event.reply else ""
        return f"{who} did not get it: it is held {place} since {time}{said}."
    if event.folder is not None:
        return f"{who} has it{_as_whom(who, event)}, but in {excerpt(event.folder)}, since {time}."
    # "Marked message to be discarded" says no more than the sentence does.
    said = f": {excerpt(event.reply)}" if event.reply and "discard" not in event.reply.lower() else ""
    return f"{who} did not get it: a rule discarded it ({time}){said}."


def _as_whom(who: str, event: Event) -> str:
    """Name the address that it was delivered to, where an alias or a rule led from the one asked for to another."""
    final = event.recipient
    # Exim and Dovecot may name the mailbox only: `bob`.
    if final is None or "@" not in final or folded(final) == folded(who):
        return ""
    return f" as {excerpt(final)}"


def _deferred(who: str, event: Event, time: str) -> str:
    if event.kind is EventKind.GREYLISTED:
        again = f"{_refuser(event)} asked to come again later, as greylisting does"
        return f"{who} does not have it yet: {again} ({_said(event)}{time})."
    if event.kind is EventKind.DEFERRED and event.of_client:
        refused = f"{_refuser(event)} refused it for now, because {_why(event)}"
        return f"{who} does not have it yet: {refused} ({_said(event)}{time}); the sending server is to come again."
    if event.kind is EventKind.DEFERRED:
        return f"{who} does not have it yet: {_why(event)} ({_said(event)}{time}); the server goes on trying."
    host = excerpt(event.host) if event.host else "the server"
    named = "no try is logged" if event.recipient else "no try is logged, and so no recipient is named"
    return f"{who} does not have it yet: it waits in the queue of {host} since {time}; {named}."


def _handed_over(who: str, event: Event, time: str) -> str:
    if event.peer is None and event.original_recipient and event.recipient:
        forwarded = (
            f"A rule of {excerpt(event.original_recipient)} forwarded it to {excerpt(event.recipient)} on {time}"
        )
        return f"{forwarded}. What became of it there, these sources cannot show."
    return f"{_other(event)} took it over for {who} on {time}. What became of it there, these sources cannot show."


def _refuser(event: Event) -> str:
    if event.of_client:
        return excerpt(event.host) if event.host else "the server"
    return _other(event)


def _other(event: Event) -> str:
    return excerpt(event.peer) if event.peer else "the other server"


def _why(event: Event) -> str:
    return in_words(event.status, event.reply)


def _said(event: Event) -> str:
    """Return the code that was given, with a comma behind."""
    code = _CODE.search((event.reply or "")[:500])
    parts = [part for part in (code[1] if code else None, event.status) if part]
    return f"{' '.join(parts)}, " if parts else ""


def _reported(who: str, state: State, report: Report, time: str) -> str:
    """Say what a bounce or receipt says, and whose word it is."""
    event = state.evidence
    kind = "receipt" if report.kind is EventKind.MDN else "bounce"
    match state.outcome:
        case Outcome.BOUNCED:
            said = f"{who} did not get it, says {_whose(state, report, kind)}: {_why(event)} ({_said(event)}{time})."
        case Outcome.DELIVERED if report.kind is EventKind.MDN:
            done = {"displayed": "was displayed", "deleted": "was deleted"}.get(event.action or "", "was handled")
            said = f"{who} has it, says {_whose(state, report, kind)}: it {done} ({time})."
            said += " Whether it was read, or by whom, a receipt cannot show."
        case Outcome.DELIVERED:
            said = f"{who} has it, says {_whose(state, report, 'delivery report')} ({time})."
        case Outcome.DEFERRED:
            notice = _whose(state, report, "notice")
            said = f"{who} did not have it yet, said {notice} ({time}): {_why(event)}. The server went on trying."
        case _:
            passed = _whose(state, report, "delivery report")
            said = f"It was passed on for {who}, to a system that makes no such reports, says {passed} ({time})."
    nobody = " It names nobody: that it is about them follows from the message it brought back."
    return f"{said}{_worth(state, report)}{_tie(report)}{nobody if report.names_nobody else ''}"


def _whose(state: State, report: Report, kind: str) -> str:
    """Name a report by whose it is, or by in whose name it speaks."""
    name = report.reporter if report.kind is EventKind.DSN else state.evidence.recipient
    if state.evidence_class is EvidenceClass.C:
        of = f" of {excerpt(name)}" if name else ""
        return f"a {kind}{of} that {excerpt(report.seal.signer or '')} signed"
    return f"a {kind} in the name of {excerpt(name)}" if name else f"a {kind}"


def _worth(state: State, report: Report) -> str:
    if state.evidence_class is EvidenceClass.C:
        return ""
    why = (
        report.seal.why or f"{report.seal.signer}, which signed it, has no say in what became of it for this recipient"
    )
    return f" That is a claim: {excerpt(why)}."


def _tie(report: Report) -> str:
    """Say by what it is known to be of this message, where that is more or less than its Message-ID."""
    if report.match.by is MatchedBy.SIGNATURE:
        return " What it brought back bears the DKIM signature of the message that was sent."
    if report.match.by is MatchedBy.HEADER:
        named = (
            f"names another Message-ID ({excerpt(report.message_id)})" if report.message_id else "names no Message-ID"
        )
        return f" It {named}; author, subject and date are those of the message that was sent."
    if report.match.by is MatchedBy.ENVELOPE:
        if report.message_id is not None:
            return f" It is of the message {excerpt(report.message_id)}; of which one was not asked."
        return " It names no message: only recipient and time say that it is of this one."
    differs = [name for name in report.match.differs if name != "To"]
    return f" What it brought back has another {listed(differs)} than what was sent." if differs else ""


def advise(address: str, state: State, zone: tzinfo) -> tuple[str, ...]:
    """Say what to do next, and whom to ask for what."""
    return (*_steps(address, state, zone), *_to_prove(state))


def _to_prove(state: State) -> tuple[str, ...]:
    """Say what would bear out a claim."""
    report = state.report
    if report is None or state.evidence_class is EvidenceClass.C:
        return ()
    steps = []
    if report.seal.state is SealState.NOT_CHECKED and not report.is_passed_on:
        steps.append("With DNS, or its key (--dns, --keys), the signature of the report can be checked.")
    if report.kind is EventKind.DSN and report.reporter:
        steps.append(f"To bear it out, get the log of {excerpt(report.reporter)} for {when(report.time, UTC)}.")
    return tuple(steps)


def _steps(address: str, state: State, zone: tzinfo) -> tuple[str, ...]:
    event, who = state.evidence, excerpt(address)
    domain = who.rpartition("@")[2]
    match state.outcome:
        case Outcome.BOUNCED | Outcome.REJECTED:
            reason = reason_of(event.status, event.reply)
            default = "Show the reply to the administrator of the sending server."
            return (ADVICE.get(reason, default).format(address=who, domain=domain),)
        case Outcome.HANDED_OVER:
            return (_ask(event, zone),)
        case Outcome.FILTERED if event.folder is not None:
            return (f"Ask the owner of {who} to look into {excerpt(event.folder)}.",)
        case Outcome.FILTERED:
            return (f"Ask the owner of {who}, or the administrator of {domain}, which rule it was.",)
        case Outcome.QUARANTINED:
            held = f" (id {excerpt(event.queue_id)})" if event.queue_id else ""
            return (f"Ask the administrator of {domain} to release it{held}.",)
        case Outcome.DEFERRED:
            again = event.of_client or event.kind is EventKind.GREYLISTED
            return (f"{_WAIT} {_AGAIN}" if again else _WAIT,)
        case _:
            return ()


_WAIT = "Wait: servers go on trying for up to five days, then the sender gets a bounce."
_AGAIN = "If the sending server does not come again, its administrator must look: it was asked for another try."


def _ask(event: Event, zone: tzinfo) -> str:
    server = excerpt(event.peer.partition("[")[0] or event.peer) if event.peer else "the server that took it over"
    what = f"queue id {excerpt(event.next_queue_id)}" if event.next_queue_id else "the message"
    del zone  # whoever is asked may be anywhere: UTC
    return f"Ask the administrators of {server} for {what} at {when(event.time, UTC)}."
