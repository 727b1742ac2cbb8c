"""Find: "did you get my email?", from the sources to the answer. The lines of `find` read as the architecture.

The only clock is an argument: `now` ends the time that a log can be asked for.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from mailtrace.delivery import imap, mailboxes
from mailtrace.delivery.answer import (
    Answer,
    EventReport,
    FindReport,
    MessageFound,
    Outcome,
    QueryReport,
    RecipientAnswer,
)
from mailtrace.delivery.assemble import NOBODY, answer_for, next_steps, recipients_of, summarise
from mailtrace.delivery.coverage import Coverage, covers
from mailtrace.delivery.events import Event, EventKind, JoinedBy
from mailtrace.delivery.evidence import Answered, Evidence, Home
from mailtrace.delivery.folders import Role
from mailtrace.delivery.gather import Gatherer, Progress
from mailtrace.delivery.hearsay import with_words
from mailtrace.delivery.homes import homes_in
from mailtrace.delivery.impostors import impostors_in
from mailtrace.delivery.join import Joined, Trail, in_order
from mailtrace.delivery.kept import coverage_of, unread_in
from mailtrace.delivery.log_coverage import judged, of_hosts, of_logs, took_over
from mailtrace.delivery.logs import LogFormat
from mailtrace.delivery.narrow import narrowed
from mailtrace.delivery.near import (
    mute_logs,
    named_only,
    near_misses,
    refused_of_sender,
    unclear_lines,
    written_otherwise,
)
from mailtrace.delivery.opening import Opened, open_sources
from mailtrace.delivery.outcome import worst
from mailtrace.delivery.query import Query, folded
from mailtrace.delivery.reasons import Reason, reason_of
from mailtrace.delivery.report_types import MatchedBy, SealOf, unasked
from mailtrace.delivery.reported import Settled, reports_found, said_of, settle
from mailtrace.records import Struct, replace
from mailtrace.sources.imap.access import Access

LATER = timedelta(days=1)
"""A log that was read so far behind the time that is asked for holds nothing of it in the rest: time grows in logs."""


class Settings(Struct, frozen=True, kw_only=True):
    """How to look, beside what is asked."""

    zone: tzinfo
    """In which the sentences give times."""
    zone_name: str
    log_zone: tzinfo
    """Of log times that have none."""
    now: datetime
    theirs: tuple[str, ...] = ()
    """Sources that came from the other side."""
    seal_of: SealOf = unasked
    """Checks who signed a bounce or receipt."""
    access: Access | None = None
    """To mailboxes on servers; None: none is reached."""


def find(
    sources: Sequence[str],
    query: Query,
    *,
    formats: Sequence[LogFormat],
    settings: Settings,
    progress: Progress | None = None,
) -> tuple[FindReport, Opened]:
    """Answer a question out of the sources. Raises nothing for what is wrong with one of them: it is noted."""
    opened = open_sources((*sources, *settings.theirs), formats, settings.log_zone)
    gatherer = Gatherer(opened.logs, query, progress)
    found, trails = _read(opened, query, gatherer, settings.access, progress)
    coverage = _coverage(opened, found, gatherer, query, settings.now)
    others = impostors_in(found.copies, query)
    settled = settle(found, query, trails, coverage, settings.seal_of)
    evidence = Evidence(
        query=query,
        trails=trails,
        copies=tuple(copy for copy in found.copies if copy not in others),
        reports=settled.counted,
        coverage=coverage,
        zone=settings.zone,
        theirs=frozenset(log.name for log in opened.logs if _is_below(log.name, settings.theirs)),
        shared=of_hosts(opened.logs, coverage, took_over(one.event for trail in trails for one in trail.events)),
        unread=(*opened.unread, *unread_in(found), *_unfinished(gatherer, coverage, query)),
        authorities=settings.access.authorities if settings.access else None,
    )
    _tell(opened, found)
    answers = _answers(evidence, opened, settings.now)
    outcome = worst(one[0].outcome for one in answers)
    steps = next_steps(answers)
    report = FindReport(
        query=_query(query, settings.zone_name),
        answer=Answer(outcome=outcome, summary=summarise([one for one, _ in answers]), next_steps=steps),
        recipients=tuple(one for one, _ in answers if one.address != NOBODY),
        messages=_messages(found, others),
        events=_events(trails, found, settled, query),
        coverage=coverage,
        reports=reports_found(settled),
        notes=(*said_of(settled), *_notes(opened, found, gatherer)),
    )
    return report, opened


def _answers(evidence: Evidence, opened: Opened, now: datetime) -> tuple[Answered, ...]:
    """Answer for each recipient, with the steps that follow; where none is known, for whoever it is."""
    query, people = evidence.query, recipients_of(evidence) or (NOBODY,)
    of = narrowed(evidence)
    answers = tuple(answer_for(address, of(address), is_only=len(people) == 1) for address in people)
    missing = [one.address for one, _ in answers if one.outcome is Outcome.NEVER_SEEN]
    if missing or any(one.outcome is Outcome.SENT_NOT_SEEN for one, _ in answers):
        # That speaks for each server that is named, and so for each by its own lines.
        evidence = replace(
            evidence,
            mute=mute_logs(opened.logs),
            homes=_homes(opened, evidence),
            named_only=named_only(opened.logs, missing, evidence.trails) if evidence.trails and missing else {},
            silent=_silent(opened, evidence.coverage, query, now),
            written_otherwise=written_otherwise(opened.logs, query) if query.message_ids else (),
            refused=refused_of_sender(opened.logs, query),
            unclear=unclear_lines((*opened.logs, *opened.unknown), query) if not evidence.trails else (),
        )
        of = narrowed(evidence)
        answers = tuple(answer_for(address, of(address), is_only=len(people) == 1) for address in people)
    answers = tuple((_with_near_misses(one, opened, query), steps) for one, steps in answers)
    return tuple(with_words(one, query.said) for one in answers)


def _homes(opened: Opened, evidence: Evidence) -> frozenset[Home]:
    """Look for what tells the log of a server from that of another whose name begins alike."""
    events = [one.event for trail in evidence.trails for one in trail.events]
    handed = [one for one in events if one.kind is EventKind.RELAYED and one.peer and one.recipient]
    is_next = took_over(handed)
    hosts = {host for part in evidence.logs for host in part.hosts if is_next(host)}
    return homes_in(opened.logs, hosts, {folded(one.recipient or "").rpartition("@")[2] for one in handed})


def _unfinished(gatherer: Gatherer, coverage: Sequence[Coverage], query: Query) -> tuple[tuple[str, str], ...]:
    """Name the logs that could not be read to their end: the rest may hold it, unless it is of a much later time."""
    ends = {part.source: part.last for part in coverage}
    return tuple(
        (name, why)
        for name, why in sorted(gatherer.gathered.faults.items())
        if query.before is None or (last := ends.get(name)) is None or last < query.before + LATER
    )


def _tell(opened: Opened, found: mailboxes.Found) -> None:
    """Add to the sources those that turned out to be out of reach, or not there, only when they were read."""
    for one in found.unread:
        if one.folder is None:
            opened.unavailable.append((one.source, one.why))
        elif one.is_missing:
            opened.faults.append((f"{one.source}: {one.folder}", one.why, True))


def _is_below(name: str, sources: Sequence[str]) -> bool:
    return any(name == one or name.startswith(f"{one}: ") for one in sources)


def _with_near_misses(answer: RecipientAnswer, opened: Opened, query: Query) -> RecipientAnswer:
    """Look for a slip of the keyboard where there is no such address, or nothing of it in the logs."""
    is_strange = answer.evidence_class is None or reason_of(answer.status, answer.reply) is Reason.UNKNOWN_USER
    return replace(answer, near_misses=near_misses(answer.address, opened.logs, query)) if is_strange else answer


def _read(
    opened: Opened, query: Query, gatherer: Gatherer, access: Access | None, progress: Progress | None
) -> tuple[mailboxes.Found, tuple[Trail, ...]]:
    """Read the mailboxes, then the logs; what the logs name anew is looked for in the mailboxes once more."""
    ids = frozenset(query.message_ids)
    found = mailboxes.search(opened.mail, query, ids, progress)
    imap.search(opened.servers, query, ids, access, found, progress)
    named = {copy.event.message_id for copy in found.copies if copy.event.message_id}
    trails = gatherer.gather(named)
    more = frozenset(one for trail in trails for one in trail.message_ids) - ids - named
    # A report that was passed over may name a message that a copy has made known since.
    is_named = any(one.message_id in named for one in found.others)
    if (opened.mail or opened.servers) and (more or is_named):
        lost = [one for one in found.unread if one.folder is None]
        servers = [url for url in opened.servers if url.name not in {one.source for one in lost}]
        found = mailboxes.search(opened.mail, query, ids | named | more, progress)
        found.unread += lost  # once is enough to wait for a server that does not answer
        found.messages |= dict.fromkeys((one.source for one in lost), 0)
        imap.search(servers, query, ids | named | more, access, found, progress)
    return found, trails


def _coverage(
    opened: Opened, found: mailboxes.Found, gatherer: Gatherer, query: Query, now: datetime
) -> tuple[Coverage, ...]:
    hosts: dict[str, set[str]] = {}
    for log in opened.logs:
        events = (event for number, line in enumerate(log.sample, 1) for event in log.reader.read(line, number))
        hosts[log.name] = {event.host for event in events if event.host}
    for event in gatherer.gathered.events.values():
        if event.host and event.source.name in hosts:
            hosts[event.source.name].add(event.host)
    gathered = gatherer.gathered
    parts = of_logs(opened.logs, gathered.watches, gathered.faults, hosts)
    if query.after is not None and query.before is not None:
        parts = judged(parts, query.after, min(query.before, now))
    return (*parts, *coverage_of(found))


def _silent(opened: Opened, coverage: Sequence[Coverage], query: Query, now: datetime) -> tuple[str, ...]:
    """Name the servers whose own lines do not cover the time, in a log that they share with others."""
    if query.after is None or query.before is None:
        return ()
    own = of_hosts(opened.logs, coverage, lambda _: True)
    return tuple(host for host, parts in own.items() if not covers(parts, query.after, min(query.before, now)))


def _query(query: Query, zone_name: str) -> QueryReport:
    return QueryReport(
        message_ids=query.message_ids,
        senders=query.senders,
        recipients=query.recipients,
        subject=query.subject,
        around=query.around,
        after=query.after,
        before=query.before,
        time_zone=zone_name,
        like=query.like,
        envelope_ids=query.envelope_ids,
    )


def _messages(found: mailboxes.Found, others: Sequence[mailboxes.Copy]) -> tuple[MessageFound, ...]:
    return tuple(
        MessageFound(
            message_id=copy.event.message_id,
            source=copy.source,
            member=copy.member,
            position=copy.position,
            kind=copy.kind,
            folder=copy.event.folder,
            flags=copy.flags,
            sha256=copy.sha256,
            date=copy.date,
            subject=copy.event.subject,
            url=copy.url,
            is_sender_copy=copy.role is Role.SENT or not copy.was_received,
            is_another_message=copy in others,
        )
        for copy in sorted(found.copies, key=lambda one: (one.source, one.member or "", one.position))
    )


def _events(trails: Sequence[Trail], found: mailboxes.Found, settled: Settled, query: Query) -> tuple[EventReport, ...]:
    joined = {id(one.event): one for trail in trails for one in trail.events}
    named = {*query.message_ids, *(message_id for trail in trails for message_id in trail.message_ids)}
    others: list[tuple[Event, bool]] = [(copy.event, False) for copy in found.copies]
    # A signature or an envelope id is of one message, as a Message-ID is; `reports` says which of them it was.
    sure = (MatchedBy.SIGNATURE, MatchedBy.ENVELOPE_ID)
    others += [(event, report.match.by in sure) for report in settled.counted for event in report.events()]
    for event, is_sure in others:
        by = JoinedBy.MESSAGE_ID if is_sure or event.message_id in named else JoinedBy.ENVELOPE
        joined[id(event)] = Joined(event=event, by=by)
    ordered = in_order(one.event for one in joined.values())
    return tuple(_event(joined[id(event)]) for event in ordered)


def _event(joined: Joined) -> EventReport:
    event = joined.event
    return EventReport(
        time=event.time,
        kind=event.kind,
        sender=event.sender,
        recipient=event.recipient,
        original_recipient=event.original_recipient,
        queue_id=event.queue_id,
        next_queue_id=event.next_queue_id,
        message_id=event.message_id,
        host=event.host,
        peer=event.peer,
        of_client=event.of_client,
        folder=event.folder,
        status=event.status,
        action=event.action,
        reply=event.reply,
        tls=event.tls,
        encrypted=event.encrypted,
        server_trust=event.server_trust,
        delay_seconds=event.delay_seconds,
        source=event.source,
        raw=event.raw,
        joined_by=joined.by,
    )


def _notes(opened: Opened, found: mailboxes.Found, gatherer: Gatherer) -> tuple[str, ...]:
    notes = []
    if opened.passed_over:
        count = len(opened.passed_over)
        files = "1 file was" if count == 1 else f"{count:,} files were"
        notes.append(f"{files} passed over: neither mail nor a log that is known")
    if gatherer.gathered.is_too_wide or found.is_too_wide:
        notes.append("the question matches more than can be held; what is said here is of a part of it")
    broken = len({name for name, _ in found.faults})
    if broken:
        notes.append("1 message could not be read" if broken == 1 else f"{broken:,} messages could not be read")
    return tuple(notes)
