"""Absent: what may be said where nothing was found. It counts only where the logs cover the time. Pure."""

import shlex
from collections import defaultdict

from mailtrace.delivery.answer import Outcome, RecipientAnswer
from mailtrace.delivery.coverage import Coverage, kept, set_name
from mailtrace.delivery.events import EventKind
from mailtrace.delivery.evidence import Answered, Evidence
from mailtrace.delivery.query import folded
from mailtrace.delivery.sentences import listed, when
from mailtrace.findings import excerpt

_POSSIBLE = (
    "Three things are possible: it was never sent; it was sent, and did not reach these servers; or it came later, or "
    "by a server whose log is not here. Ask the sender for the Message-ID and the exact address, and for any bounce."
)


def absent(address: str, evidence: Evidence) -> Answered:
    """Say what follows from having found nothing."""
    who, query, logs = excerpt(address), evidence.query, evidence.logs
    lacking = [part for part in logs if not part.covers_query]
    if evidence.unread:
        why = _unread(evidence)
        step = "Make it readable, and ask again."
    elif not logs:
        why = "no server log was given, and a mailbox does not show what never reached it or was deleted"
        step = "Add the log of the receiving server (/var/log/mail.log*, mainlog*, a message trace)."
    elif not (query.message_ids or query.senders or query.recipients):
        why = "server logs are not searched for a subject or an envelope id alone"
        step = "Say the Message-ID, or sender and recipient (--from, --to)."
    elif query.after is None or query.before is None:
        why = f"nothing was found, and when it was sent is not said ({_spans(evidence)})"
        step = "Say when it was sent (--around '2026-10-20 10:00')."
    elif lacking:
        why = _lacking(lacking[0], evidence)
        step = f"Get the log for that time: {kept(lacking[0].kind)}."
    elif all(part.source in evidence.mute for part in logs):
        names = listed(sorted({excerpt(set_name(part.source)) for part in logs}))
        why = f"no line of {names} shows that any message was taken or delivered, so that silence says nothing"
        step = "Add the log in which the receiving server writes what it takes and delivers (mail.log, mainlog)."
    elif (short := _short(evidence)) is not None:
        server, count, known = short
        why = f"{server} took it for {count:,} recipients, and the logs say of {known:,} only what became of it"
        step = f"Get the rest of the log of {server}: lines of it are missing."
    elif evidence.silent:
        names = listed([excerpt(host) for host in evidence.silent])
        why = f"in the log that several servers write, the lines of {names} do not cover the time"
        step = f"Get the log of {names} for that time from there."
    elif unclear := evidence.unclear or evidence.named_only.get(folded(address)):
        lines = listed([f"{excerpt(name)}:{number}" for name, number in unclear])
        why = f"what is asked for is named in the logs, where it cannot be read what became of it ({lines})"
        step = f"Look at the line: {lines}."
    elif evidence.refused:
        lines = listed([f"{excerpt(name)}:{number}" for name, number in evidence.refused])
        why = f"something of this sender was refused, and the line does not say for whom ({lines})"
        step = f"Look at the line: {lines}."
    elif evidence.written_otherwise:
        names = listed([excerpt(one) for one in evidence.written_otherwise])
        why = f"the logs hold nothing of this Message-ID, but one that differs only in upper and lower case: {names}"
        step = (
            f"If that is the message, ask for it: --message-id {shlex.quote(excerpt(evidence.written_otherwise[0]))}."
        )
    else:
        return _nothing(address, Outcome.NEVER_SEEN, _never(who, evidence)), (_POSSIBLE,)
    words = f"It is not known whether {who} got it: {why}.{_others(address, evidence)}"
    return _nothing(address, Outcome.UNKNOWN, words), (step,)


def _short(evidence: Evidence) -> tuple[str, int, int] | None:
    """Return a server that took the message for more recipients than its lines name, how many, and of how many."""
    taken: dict[tuple[str | None, str], tuple[int, bool]] = {}
    named: dict[tuple[str | None, str], set[tuple[str, str]]] = defaultdict(set)
    for event in (one.event for trail in evidence.trails for one in trail.events):
        if event.queue_id is None:
            continue
        entry = event.host, event.queue_id
        if event.taken_for is not None:
            taken[entry] = event.taken_for, event.kind in _ARRIVALS
        if event.recipient is not None and event.kind not in _ARRIVALS:
            named[entry].add((folded(event.recipient), folded(event.original_recipient or "")))
    for entry, (count, is_before_aliases) in taken.items():
        # An alias that became several is one of those that it was taken for; Postfix counts what it became.
        people = named[entry]
        known = len({original or final for final, original in people} if is_before_aliases else people)
        if known < count:
            return (excerpt(entry[0]) if entry[0] else "the server"), count, known
    return None


_ARRIVALS = (EventKind.ACCEPTED, EventKind.SUBMITTED)


def _unread(evidence: Evidence) -> str:
    source, words = evidence.unread[0]
    more = len(evidence.unread) - 1
    others = f", nor could {more:,} more" if more else ""
    return f"{excerpt(source)} could not be read{others} ({excerpt(words)})"


def _never(who: str, evidence: Evidence) -> str:
    logs = [part for part in evidence.logs if part.source not in evidence.mute]
    hosts = sorted({host for part in logs for host in part.hosts}) or sorted({set_name(part.source) for part in logs})
    servers = listed([excerpt(host) for host in hosts])
    what = "it" if evidence.query.message_ids else "such a message"
    if evidence.trails:
        others = _others(who, evidence)
        named = "name other recipients" if others else "name no recipient of it"
        return f"{who} did not get it by {servers}: the logs cover the time, and {named}.{others}"
    query, zone = evidence.query, evidence.zone
    return (
        f"{who} did not get it by {servers}: the logs cover the time asked for ({when(query.after, zone)} to "
        f"{when(query.before, zone)}), and hold nothing of {what}."
    )


def _others(address: str, evidence: Evidence) -> str:
    """Name whom the message was for, where it is there and this recipient is not among them."""
    people = sorted({one for trail in evidence.trails for one in trail.recipients if folded(one) != folded(address)})
    return f" It was for {listed([excerpt(one) for one in people])}." if people else ""


def _spans(evidence: Evidence) -> str:
    zone = evidence.zone
    spans = [
        f"{excerpt(part.source)} goes from {when(part.first, zone)} to {when(part.last, zone)}"
        for part in evidence.logs[:4]
    ]
    return "; ".join(spans)


def _lacking(part: Coverage, evidence: Evidence) -> str:
    query, zone = evidence.query, evidence.zone
    same = [one for one in evidence.logs if set_name(one.source) == set_name(part.source)]
    firsts = [one.first for one in same if one.first is not None]
    lasts = [one.last for one in same if one.last is not None]
    name = excerpt(set_name(part.source))
    if firsts and query.after is not None and min(firsts) > query.after:
        return f"the log {name} begins only {when(min(firsts), zone)}"
    if lasts and query.before is not None and max(lasts) < query.before:
        return f"the log {name} ends already {when(max(lasts), zone)}"
    gaps = sorted((gap for one in same for gap in one.gaps), key=lambda gap: gap.first)
    if gaps:
        silence = f"{when(gaps[0].first, zone)} to {when(gaps[0].last, zone)}"
        return f"the log {name} is silent from {silence}, which is unlike it"
    return f"the log {name} does not cover the whole time that is asked for"


def _nothing(address: str, outcome: Outcome, words: str) -> RecipientAnswer:
    return RecipientAnswer(
        address=address,
        outcome=outcome,
        folder=None,
        evidence_class=None,
        reply=None,
        explanation=words,
        message_id=None,
        time=None,
        status=None,
        source=None,
        waits=(),
        near_misses=(),
    )
