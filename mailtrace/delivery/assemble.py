"""Assemble: one sentence per recipient, and what to do next, out of what the sources hold. Pure."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence

from mailtrace.delivery.absent import absent
from mailtrace.delivery.aliases import finals_of, names_of, pairs_of
from mailtrace.delivery.answer import Outcome, RecipientAnswer
from mailtrace.delivery.events import Event, EventKind, EvidenceClass
from mailtrace.delivery.evidence import Answered, Evidence
from mailtrace.delivery.folders import Role
from mailtrace.delivery.join import Trail, is_own_copy
from mailtrace.delivery.mailboxes import Copy
from mailtrace.delivery.messages import messages_of
from mailtrace.delivery.onward import explain_doubt, explain_missing, missing_there
from mailtrace.delivery.origins import sender_of, senders_of
from mailtrace.delivery.outcome import State, class_of, concerns, state_of, told_otherwise, worst
from mailtrace.delivery.owners import owner_of
from mailtrace.delivery.query import LATE, folded
from mailtrace.delivery.report_sentences import explain_report, to_prove
from mailtrace.delivery.sentences import advise, code_of, explain, listed, when, why_of
from mailtrace.delivery.waiting import waits_of
from mailtrace.findings import excerpt
from mailtrace.printable import escape
from mailtrace.records import replace

NOBODY = "the recipient"
"""Who is spoken of where none is known."""


def recipients_of(evidence: Evidence) -> tuple[str, ...]:
    """Name whose answer is wanted: those asked for, else everybody whom the message was meant for."""
    if evidence.query.recipients:
        return tuple({folded(one): one for one in evidence.query.recipients}.values())
    people: dict[str, str] = {folded(address): address for address, _ in evidence.query.said}
    for trail in evidence.trails:
        for address in _meant(trail):
            people.setdefault(folded(address), address)
    if not people:
        # What is asked for may itself be a bounce, a receipt or an automatic reply: from `<>`.
        people = {folded(one): one for trail in evidence.trails for one in trail.recipients}
    if not people:
        named = [fate.recipient for report in evidence.reports for fate in report.fates]
        named += [owner_of(copy) for copy in evidence.copies if copy.was_received and copy.role is not Role.SENT]
        people = {folded(one): one for one in named if one}
    return tuple(people[key] for key in sorted(people))


def _meant(trail: Trail) -> list[str]:
    """Name the recipients of the message itself: not of the bounce that went back, nor where an alias led."""
    bounced = {one.event.queue_id for one in trail.events if one.event.sender == "<>" and one.event.queue_id}
    events = [one.event for one in trail.events if not (one.event.queue_id in bounced and one.event.queue_id)]
    events = [one for one in events if not is_own_copy(one)]
    aliased = {folded(event.recipient) for event in events if event.original_recipient and event.recipient}
    first = [event.original_recipient for event in events if event.original_recipient]
    rest = [event.recipient for event in events if event.recipient and folded(event.recipient) not in aliased]
    further = {final for _, final in pairs_of(events)}
    return [one for one in (*first, *rest) if folded(one) not in further]


def answer_for(address: str, evidence: Evidence, *, is_only: bool) -> Answered:
    """Say what became of it for one recipient: of several messages that match, of the one that fared worst."""
    parts = messages_of(address, evidence)
    found = [answered for part in parts if (answered := _of_one(address, part, is_only=is_only)) is not None]
    if not found:
        return absent(address, evidence)
    outcome = worst(answer.outcome for answer, _ in found)
    answer, steps = [one for one in found if one[0].outcome is outcome][-1]
    if len(found) == 1:
        return answer, steps
    others = [one for one, _ in found if one is not answer]
    named = listed([excerpt(one.message_id) for one, _ in found if one.message_id])
    words = f"{answer.explanation} This is of one of {len(found)} messages that match; the others: {_counted(others)}."
    choose = f"Say which message is meant (--message-id): {named}."
    return replace(answer, explanation=words), (choose, *steps)


def _of_one(address: str, evidence: Evidence, *, is_only: bool) -> Answered | None:
    events = [one.event for trail in evidence.trails for one in trail.events]
    finals = finals_of(address, events)
    if len(finals) > 1 and (answered := _of_several(address, finals, evidence)) is not None:
        return answered
    state = state_of(address, events, evidence.copies, evidence.reports, is_only=is_only, theirs=evidence.theirs)
    if state is None:
        return None
    lasts = [part.last for part in evidence.logs if part.last is not None]
    if lasts and state.evidence.time is not None and max(lasts) - state.evidence.time > LATE:
        state = replace(state, is_stale=True)
    names = names_of(address, events)
    answer = replace(
        _answer(address, state, _words(address, state, evidence), evidence),
        waits=waits_of([event for event in events if concerns(event, names)]),
    )
    steps = (*advise(address, state, evidence.zone), *to_prove(state))
    if state.outcome is Outcome.HANDED_OVER and state.evidence.kind is EventKind.RELAYED:
        missing = missing_there(state.evidence, events, evidence)
        if missing is not None and missing.is_sure:
            lost = explain_missing(address, state.evidence, missing, evidence)
            return replace(answer, outcome=Outcome.SENT_NOT_SEEN, explanation=lost), steps
        if missing is not None:
            doubt, step = explain_doubt(missing)
            return replace(answer, explanation=answer.explanation + doubt), (*steps, step)
    if state.outcome is Outcome.BOUNCED:
        answer = replace(answer, explanation=answer.explanation + _told(state.evidence, events))
    if state.copy is not None:
        steps = (*steps, _analyze(state.copy, evidence.authorities))
    return answer, steps


MAX_FINALS = 200
"""Addresses behind an alias that are looked at one by one."""


def _of_several(address: str, finals: Sequence[str], evidence: Evidence) -> Answered | None:
    """Say what became of it for an alias that stands for several; None where all of them fared alike."""
    events = (one.event for trail in evidence.trails for one in trail.events)
    delivered = {folded(one.recipient) for one in events if one.kind is EventKind.DELIVERED and one.recipient}
    # Of too many those are looked at first that may not have got it.
    looked = sorted(finals, key=lambda one: folded(one) in delivered)[:MAX_FINALS]
    found = [one for final in looked if (one := _of_one(final, evidence, is_only=False)) is not None]
    outcome = worst(answer.outcome for answer, _ in found)
    if len({answer.outcome for answer, _ in found}) < 2:
        return None
    answer, steps = next(one for one in found if one[0].outcome is outcome)
    counted = _counted([one for one, _ in found])
    part = "" if len(looked) == len(finals) else f", of which {len(looked):,} were looked at"
    words = f"{excerpt(address)} stands for {len(finals):,} addresses{part}: {counted}. {answer.explanation}"
    return replace(answer, address=address, explanation=words), steps


def _words(address: str, state: State, evidence: Evidence) -> str:
    if state.report is not None:
        return explain_report(address, state, state.report, evidence.zone, _known(evidence))
    words = explain(address, state, evidence.zone)
    words += _otherwise(address, state, evidence)
    events = [one.event for trail in evidence.trails for one in trail.events]
    if evidence.query.message_ids and len(senders := senders_of(events)) > 1:
        own = sender_of(state.evidence, events)
        which = f"; this is of the one from {excerpt(own)}" if own else ""
        words += (
            f" More than one message came in under this Message-ID, from {listed([excerpt(one) for one in senders])}"
            f"{which}: a list's copy, or another message that bears it."
        )
    if state.outcome is Outcome.DELIVERED and state.copy is None and _is_gone(evidence):
        words += " The mailboxes that were given hold no copy of it."
    lasts = [part.last for part in evidence.logs if part.last is not None]
    if state.outcome is Outcome.DEFERRED and lasts:
        # What is true at the end of the logs need not be true now.
        return f"{words} The logs end on {when(max(lasts), evidence.zone)}."
    return words


def _otherwise(address: str, state: State, evidence: Evidence) -> str:
    """Say that a bounce says the opposite of a log or mailbox, so that whoever has it need not wonder."""
    events = [one.event for trail in evidence.trails for one in trail.events]
    found = told_otherwise(state, address, events, evidence.reports)
    if found is None:
        return ""
    event, report = found
    whose = f" in the name of {excerpt(report.reporter)}" if report.reporter else ""
    if class_of(report, event) is EvidenceClass.C:
        whose = f" that {excerpt(report.seal.signer or '')} signed"
    shows = "mailbox" if state.copy is not None else "log"
    return (
        f" A bounce{whose} says that it was returned: {why_of(event)} "
        f"({code_of(event)}{when(event.time, evidence.zone)})."
        f" That does not change the answer: a {shows} shows that it arrived."
    )


def _is_gone(evidence: Evidence) -> bool:
    """Tell whether mailboxes were given, all of which could be read, and no copy is in them but the sender's."""
    held = sum(part.messages or 0 for part in evidence.coverage) - len(evidence.reports) - len(evidence.copies)
    return held > 0 and not evidence.unread and not any(one.was_received for one in evidence.copies)


def _known(evidence: Evidence) -> Iterator[str]:
    """Name the senders and servers that the question or the logs tie to the message: addresses and host names."""
    yield from evidence.query.senders
    if evidence.query.sent is not None and evidence.query.sent.author is not None:
        yield evidence.query.sent.author
    for trail in evidence.trails:
        yield from trail.senders
        for one in trail.events:
            yield from (name for name in (one.event.host, (one.event.peer or "").partition("[")[0]) if name)


def _answer(address: str, state: State, words: str, evidence: Evidence) -> RecipientAnswer:
    event = state.evidence
    trails = (trail for trail in evidence.trails if any(one.event is event for one in trail.events))
    ids = [one for trail in trails for one in trail.message_ids]
    return RecipientAnswer(
        address=address,
        outcome=state.outcome,
        folder=event.folder,
        evidence_class=state.evidence_class,
        reply=event.reply,
        explanation=words,
        message_id=event.message_id or (ids[0] if ids else None),
        time=event.time,
        status=event.status,
        source=event.source,
        waits=(),
        signed_by=state.report.seal.signer if state.report and state.evidence_class is EvidenceClass.C else None,
        near_misses=(),
    )


def _told(bounced: Event, events: Sequence[Event]) -> str:
    """Say that a notice was made for the sender, and that it arrived, where the log says so."""
    notice = next((found for event in events if (found := _notice(event, bounced)) is not None), None)
    if notice is None:
        return ""
    own = {event.kind for event in events if event.queue_id == notice and event.host == bounced.host}
    queue_id = f"(queue id {excerpt(notice)})"
    if EventKind.DELIVERED in own:
        return f" The sender was told by a bounce {queue_id}."
    if EventKind.RELAYED in own:
        return f" A bounce went out to the sender {queue_id}."
    return f" A bounce was made for the sender {queue_id}."


def _notice(event: Event, bounced: Event) -> str | None:
    """Return the queue id of the notice: Postfix says that it wrote one, an arrival at Exim whose bounce it is."""
    if bounced.queue_id is None or event.host != bounced.host:
        return None
    if event.kind is EventKind.DSN and event.queue_id == bounced.queue_id:
        return event.next_queue_id
    is_exims = event.kind is EventKind.SUBMITTED and event.sender == "<>"
    return event.queue_id if is_exims and event.previous_queue_id == bounced.queue_id else None


def _analyze(copy: Copy, authorities: str | None) -> str:
    if copy.url is not None:
        option = f"--imap-ca {_quoted(authorities)} " if authorities else ""
        return f"{_ANALYZE}{option}{shlex.quote(escape(copy.url))}` says whether it is what it claims to be."
    name = copy.source if copy.member is None else f"{copy.source.rstrip('/')}/{copy.member}"
    return f"{_ANALYZE}{_quoted(name)}` says whether it is what it claims to be."


def _quoted(name: str) -> str:
    return shlex.quote(excerpt(name))


def next_steps(answers: Sequence[Answered]) -> tuple[str, ...]:
    """Return what to do, each step once; last how to look at a copy, of which one is enough to show how."""
    steps = dict.fromkeys(step for _, steps in answers for step in steps)
    looks = [step for step in steps if step.startswith(_ANALYZE)]
    return (*(step for step in steps if step not in looks), *looks[:1])


_ANALYZE = "`mailtrace analyze "


def summarise(answers: Sequence[RecipientAnswer]) -> str:
    """Say it all in one sentence, fit for a ticket."""
    if len(answers) == 1:
        words = answers[0].explanation
        return f"The{words[3:]}" if words.startswith(NOBODY) else words
    return f"Of {len(answers)} recipients: {_counted(answers)}."


def _counted(answers: Sequence[RecipientAnswer]) -> str:
    """Say how many fared how, worst first."""
    counts = Counter(answer.outcome for answer in answers)
    return listed([f"{counts[one]} {one.value.replace('-', ' ')}" for one in Outcome if one in counts], limit=10)
