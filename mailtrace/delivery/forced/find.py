"""The report on forced TLS, from the sources to the answer. Its lines read as the architecture."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from mailtrace.delivery.coverage import EPOCH, Coverage
from mailtrace.delivery.events import Line
from mailtrace.delivery.forced.collect import Collected, Collector, Found
from mailtrace.delivery.forced.domains import Domains
from mailtrace.delivery.forced.judge import judge, verified
from mailtrace.delivery.forced.names import name_messages
from mailtrace.delivery.forced.report import DomainCount, ForcedAnswer, ForcedQuery, ForcedTLSReport, Transfer
from mailtrace.delivery.forced.sentences import summarise
from mailtrace.delivery.gather import Progress
from mailtrace.delivery.log_coverage import judged, of_logs
from mailtrace.delivery.logs import LogFormat
from mailtrace.delivery.opening import LogFile, Opened, open_sources
from mailtrace.delivery.query import Query
from mailtrace.records import Struct, replace

CANNOT_TELL = "nothing in it tells of TLS towards other servers"


class ForcedSettings(Struct, frozen=True, kw_only=True):
    """How to look, beside what is asked."""

    log_zone: tzinfo
    now: datetime
    zone_name: str
    domain_file: str
    domain_file_sha256: str
    lists_all: bool


def find_forced(
    sources: Sequence[str],
    domains: Domains,
    query: Query,
    *,
    formats: Sequence[LogFormat],
    settings: ForcedSettings,
    progress: Progress | None = None,
) -> tuple[ForcedTLSReport, Opened]:
    """Say what went to these domains, and how. Raises nothing for what is wrong with a source: it is noted."""
    opened = open_sources(sources, formats, settings.log_zone)
    logs = sorted(opened.logs, key=_begins)
    collector = Collector(domains, query)
    collected = collector.read(logs, progress)
    everything = [_transfer(found) for found in collected.transfers]
    shown = [one for one in everything if settings.lists_all or one.answer is not ForcedAnswer.MET]
    coverage = _coverage(logs, collected, query, settings.now)
    report = ForcedTLSReport(
        query=ForcedQuery(
            domain_file=settings.domain_file,
            domain_file_sha256=settings.domain_file_sha256,
            domains=len(domains.entries),
            after=query.after,
            before=query.before,
            time_zone=settings.zone_name,
            lists_all=settings.lists_all,
        ),
        answer=summarise(everything, collected, opened, coverage),
        domains=_counts(domains, everything),
        transfers=tuple(sorted(name_messages(shown, logs), key=_in_order)),
        coverage=coverage,
        notes=_notes(opened, collected),
    )
    return report, opened


def _begins(log: LogFile) -> tuple[datetime, str]:
    times = (log.reader.time_of(line) for line in log.sample)
    return next((time for time in times if time is not None), EPOCH), log.name


def _in_order(transfer: Transfer) -> tuple[datetime, str, int, str]:
    return (transfer.time or EPOCH, transfer.source.name, transfer.source.line or 0, transfer.recipient)


def _transfer(found: Found) -> Transfer:
    event = found.event
    judgement = judge(event, found.entry.policy, found.kind, found.silence)
    shows_itself = event.encrypted is not None and event.tls_line is None
    tls_line = event.source.line if shows_itself else event.tls_line
    return Transfer(
        time=event.time,
        answer=judgement.answer,
        why=judgement.why,
        recipient=event.recipient or "",
        domain=found.entry.domain,
        policy=found.entry.policy,
        transport=judgement.transport,
        verified=verified(event),
        server_trust=event.server_trust,
        tls=event.tls,
        kind=event.kind,
        sender=event.sender,
        message_id=event.message_id,
        queue_id=event.queue_id,
        host=event.host,
        peer=event.peer,
        status=event.status,
        reply=event.reply,
        source=event.source,
        tls_source=Line(name=event.source.name, line=tls_line) if tls_line is not None else None,
        raw=event.raw,
    )


def _counts(domains: Domains, transfers: Iterable[Transfer]) -> tuple[DomainCount, ...]:
    counted: dict[str, dict[ForcedAnswer, int]] = defaultdict(lambda: defaultdict(int))
    for one in transfers:
        counted[one.domain][one.answer] += 1
    return tuple(
        DomainCount(
            domain=entry.domain,
            policy=entry.policy,
            transfers=sum(counts.values()),
            met=counts[ForcedAnswer.MET],
            in_clear=counts[ForcedAnswer.IN_CLEAR],
            not_verified=counts[ForcedAnswer.NOT_VERIFIED],
            undecided=counts[ForcedAnswer.UNDECIDED],
        )
        for entry in domains.entries
        if (counts := counted.get(entry.domain))
    )


def _coverage(logs: Sequence[LogFile], collected: Collected, query: Query, now: datetime) -> tuple[Coverage, ...]:
    parts = [
        part if part.source in collected.tells else replace(part, notes=(*part.notes, CANNOT_TELL))
        for part in of_logs(logs, collected.watches, collected.faults, collected.hosts)
    ]
    if query.after is None and query.before is None:
        return tuple(parts)
    firsts = [part.first for part in parts if part.first is not None]
    lasts = [part.last for part in parts if part.last is not None]
    after = query.after or min(firsts, default=EPOCH)
    before = min(query.before or max(lasts, default=now), now)
    return tuple(judged(parts, after, before))


def _notes(opened: Opened, collected: Collected) -> tuple[str, ...]:
    notes = []
    if count := len(opened.passed_over):
        notes.append(f"{count:,} {'file was' if count == 1 else 'files were'} passed over: no log that is known")
    if count := len(opened.mail):
        notes.append(f"{count:,} {'file is' if count == 1 else 'files are'} mail, and no log")
    if count := collected.twice:
        notes.append(f"{count:,} {'line stands' if count == 1 else 'lines stand'} in two sources, and count once")
    if collected.is_too_much:
        notes.append("there are more transfers than can be held: choose a shorter time with --after and --before")
    return tuple(notes)
