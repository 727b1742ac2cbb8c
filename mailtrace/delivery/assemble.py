"""Assemble: one sentence per recipient, and what to do next, out of what the sources hold. Pure."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo

from mailtrace.delivery.answer import Outcome, RecipientAnswer
from mailtrace.delivery.coverage import Coverage, covers, kept, set_name
from mailtrace.delivery.events import Event, EventKind
from mailtrace.delivery.join import Trail
from mailtrace.delivery.mailboxes import Copy
from mailtrace.delivery.outcome import State, state_of
from mailtrace.delivery.query import Query, folded
from mailtrace.delivery.reports import Report
from mailtrace.delivery.sentences import advise, explain, listed, when
from mailtrace.findings import excerpt

Answered = tuple[RecipientAnswer, tuple[str, ...]]
"""What is said of a recipient, and the next steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that was found."""

    query: Query
    trails: tuple[Trail, ...]
    copies: tuple[Copy, ...]
    reports: tuple[Report, ...]
    coverage: tuple[Coverage, ...]
    zone: tzinfo
    theirs: frozenset[str]

    @property
    def logs(self) -> tuple[Coverage, ...]:
        """The sources that are logs."""
        return tuple(part for part in self.coverage if part.messages is None)


def recipients_of(evidence: Evidence) -> tuple[str, ...]:
    """Name whose answer is wanted: those asked for, else everybody whom the message was meant for."""
    if evidence.query.recipients:
        return tuple({folded(one): one for one in evidence.query.recipients}.values())
    people: dict[str, str] = {}
    for trail in evidence.trails:
        for address in _meant(trail):
            people.setdefault(folded(address), address)
    if not people:
        named = [fate.recipient for report in evidence.reports for fate in report.fates]
        named += [copy.event.recipient for copy in evidence.copies if copy.was_received]
        people = {folded(one): one for one in named if one}
    return tuple(people[key] for key in sorted(people))


def _meant(trail: Trail) -> list[str]:
    """Name the recipients of the message itself: not of the bounce that went back, nor where an alias led."""
    bounced = {one.event.queue_id for one in trail.events if one.event.sender == "<>" and one.event.queue_id}
    events = [one.event for one in trail.events if not (one.event.queue_id in bounced and one.event.queue_id)]
    aliased = {folded(event.recipient) for event in events if event.original_recipient and event.recipient}
    first = [event.original_recipient for event in events if event.original_recipient]
    rest = [event.recipient for event in events if event.recipient and folded(event.recipient) not in aliased]
    return [one for one in (*first, *rest) if one]


def answer_for(address: str, evidence: Evidence, *, is_only: bool) -> Answered:
    """Say what became of it for one recipient."""
    events = [one.event for trail in evidence.trails for one in trail.events]
    state = state_of(address, events, evidence.copies, evidence.reports, is_only=is_only, theirs=evidence.theirs)
    if state is None:
        return _absent(address, evidence)
    answer = _answer(address, state, explain(address, state, evidence.zone))
    steps = advise(address, state, evidence.zone)
    if state.outcome is Outcome.HANDED_OVER and state.evidence.kind is EventKind.RELAYED:
        lost = _not_seen_there(state.evidence, events, evidence)
        if lost is not None:
            words = f"{explain(address, state, evidence.zone).partition('. ')[0]}. {lost}"
            return replace(answer, outcome=Outcome.SENT_NOT_SEEN, explanation=words), steps
    if state.copy is not None:
        steps = (*steps, _analyze(state.copy))
    return answer, steps


def _answer(address: str, state: State, words: str) -> RecipientAnswer:
    event = state.evidence
    return RecipientAnswer(
        address=address,
        outcome=state.outcome,
        folder=event.folder,
        evidence_class=state.evidence_class,
        reply=event.reply,
        explanation=words,
        message_id=event.message_id,
        time=event.time,
        status=event.status,
        source=event.source,
        waits=(),
        near_misses=(),
    )


def _analyze(copy: Copy) -> str:
    name = copy.source if copy.member is None else f"{copy.source.rstrip('/')}/{copy.member}"
    return f"`mailtrace analyze {_quoted(name)}` says whether it is what it claims to be."


def _quoted(name: str) -> str:
    return shlex.quote(excerpt(name))


def _not_seen_there(handed: Event, events: Sequence[Event], evidence: Evidence) -> str | None:
    """Say that the next server's log is here, covers the time, and does not have it; None where that is not so."""
    if handed.time is None or handed.peer is None:
        return None
    peer = handed.peer.partition("[")[0].casefold().rstrip(".")
    theirs = [part for part in evidence.logs if any(_same_host(host, peer) for host in part.hosts)]
    if not theirs or not peer:
        return None
    names = {part.source for part in theirs}
    near = timedelta(minutes=15)
    if any(event.source.name in names and event.host and _same_host(event.host, peer) for event in events):
        return None
    group = [part for part in evidence.logs if set_name(part.source) in {set_name(name) for name in names}]
    if not covers(group, handed.time - near, handed.time + near):
        return None
    hosts = listed(sorted({excerpt(host) for part in theirs for host in part.hosts}))
    return f"The log of {hosts} covers the time, and does not have it."


def _same_host(one: str, other: str) -> bool:
    first, second = one.casefold().rstrip("."), other.casefold().rstrip(".")
    if "." in first and "." in second:
        return first == second
    return first.partition(".")[0] == second.partition(".")[0]


def _absent(address: str, evidence: Evidence) -> Answered:
    """Nothing was found: that counts only where the logs cover the time."""
    who = excerpt(address)
    logs = evidence.logs
    outcome, words, steps = Outcome.UNKNOWN, "", []
    query = evidence.query
    if not logs:
        words = "no server log was given, and a mailbox does not show what never reached it or was deleted"
        steps.append("Add the log of the receiving server (/var/log/mail.log*, mainlog*, a message trace).")
    elif query.after is None or query.before is None:
        spans = "; ".join(
            f"{excerpt(part.source)} goes from {when(part.first, evidence.zone)} to {when(part.last, evidence.zone)}"
            for part in logs[:4]
        )
        words = f"nothing was found, and when it was sent is not said ({spans})"
        steps.append("Say when it was sent (--around '2026-10-20 10:00').")
    else:
        lacking = [part for part in logs if not part.covers_query]
        if lacking:
            words = _lacking(lacking[0], logs, evidence)
            steps.append(f"Get the log for that time: {kept(lacking[0].kind)}.")
        else:
            outcome = Outcome.NEVER_SEEN
    if outcome is Outcome.NEVER_SEEN:
        hosts = sorted({host for part in logs for host in part.hosts}) or sorted({part.source for part in logs})
        what = "it" if evidence.trails or query.message_ids else "such a message"
        servers = listed([excerpt(host) for host in hosts])
        explanation = f"{who} did not get it by {servers}: the logs cover the time, and hold nothing of {what}."
    else:
        explanation = f"It is not known whether {who} got it: {words}."
    return _nothing(address, outcome, explanation), tuple(steps)


def _lacking(part: Coverage, logs: Sequence[Coverage], evidence: Evidence) -> str:
    query, zone = evidence.query, evidence.zone
    same = [one for one in logs if set_name(one.source) == set_name(part.source)]
    firsts = [one.first for one in same if one.first is not None]
    lasts = [one.last for one in same if one.last is not None]
    name = excerpt(set_name(part.source))
    if firsts and query.after is not None and min(firsts) > query.after:
        return f"the log {name} begins only {when(min(firsts), zone)}"
    if lasts and query.before is not None and max(lasts) < query.before:
        return f"the log {name} ends already {when(max(lasts), zone)}"
    gaps = [gap for one in same for gap in one.gaps]
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


def summarise(answers: Sequence[RecipientAnswer], outcome: Outcome, evidence: Evidence) -> str:
    """Say it all in one sentence, fit for a ticket."""
    if len(answers) == 1:
        return answers[0].explanation
    if not answers:
        return _absent("the recipient", evidence)[0].explanation
    counts: dict[Outcome, int] = {}
    for answer in answers:
        counts[answer.outcome] = counts.get(answer.outcome, 0) + 1
    parts = [f"{counts[one]} {one.value.replace('-', ' ')}" for one in Outcome if one in counts]
    del outcome
    return f"Of {len(answers)} recipients: {listed(parts, limit=10)}."
