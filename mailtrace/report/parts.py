"""The parts of a report that are a stage's result in other words."""

from collections.abc import Mapping, Sequence

from mailtrace.auth.types import (
    ClaimedResults,
)
from mailtrace.message import Mailbox, Message
from mailtrace.path.types import Hop, Path, Related
from mailtrace.records import replace
from mailtrace.report.types import HopReport, HopTransportReport, MailboxReport, MessageReport, PathReport, SourceReport
from mailtrace.results import Standing
from mailtrace.transport.types import HopTransport, Transport


def source_of(source: SourceReport | None, message: Message) -> SourceReport:
    """Say where the message came from, with its size and hash."""
    origin = source or SourceReport(name=None, kind="eml", position=0, size=None, sha256=None)
    return replace(origin, size=message.size, sha256=message.sha256)


def message_of(message: Message) -> MessageReport:
    """Say what the header says of itself."""
    return MessageReport(
        from_=_mailboxes(message.from_),
        to=_mailboxes(message.to),
        cc=_mailboxes(message.cc),
        reply_to=_mailboxes(message.reply_to),
        subject=message.subject,
        date=message.date,
        message_id=message.message_id,
        author_domain=message.author_domain or _written_domain(message),
        return_path=message.return_path,
        line_ending=message.line_ending,
        defects=message.defects,
    )


def _written_domain(message: Message) -> str | None:
    """Return the one domain of From as written, where it is no domain name: shown, and never looked up."""
    if len(message.all("from")) != 1:
        return None
    written = {m.address.rpartition("@")[2].lower() for m in message.from_ if m.address and "@" in m.address}
    return (written.pop() or None) if len(written) == 1 else None


def _mailboxes(mailboxes: tuple[Mailbox, ...]) -> tuple[MailboxReport, ...]:
    return tuple(MailboxReport(name=mailbox.name, address=mailbox.address) for mailbox in mailboxes)


def path_of(path: Path, transport: Transport, claims: Sequence[ClaimedResults] = ()) -> PathReport:
    """Put the hops and their transport together, oldest first."""
    standings = {claim.field: claim.standing for claim in claims}
    return PathReport(
        border=path.border,
        border_source=path.border_source,
        border_reason=path.border_reason,
        other_borders=path.other_borders,
        total_seconds=path.total_seconds,
        waited_seconds=path.waited_seconds,
        slowest=path.slowest,
        hops=tuple(_hop(hop, facts, standings) for hop, facts in zip(path.hops, transport.hops, strict=True)),
        unplaced=_related(path.unplaced, standings),
        unplaced_left_out=path.unplaced_left_out,
    )


def _related(fields: tuple[Related, ...], standings: Mapping[int, Standing]) -> tuple[Related, ...]:
    """Whose word a stamp is, is settled where stamps are read; here it is only said the same."""
    return tuple(
        one if (standing := standings.get(one.field, one.standing)) is one.standing else replace(one, standing=standing)
        for one in fields
    )


def _hop(hop: Hop, facts: HopTransport, standings: Mapping[int, Standing]) -> HopReport:
    received = hop.received
    return HopReport(
        index=hop.index,
        field=hop.field,
        helo=received.helo,
        client_name=received.client_name,
        client_ip=received.client_ip,
        by=received.by,
        via=received.via,
        protocol=received.protocol,
        id=received.id,
        recipient=received.recipient,
        mail_from=received.mail_from,
        received_at=received.received_at,
        delay_seconds=hop.delay_seconds,
        clock_ahead_seconds=hop.clock_ahead,
        wait=hop.wait,
        software=hop.software,
        kind=hop.kind,
        standing=hop.standing,
        transport=HopTransportReport(
            security=facts.security,
            grade=facts.grade,
            tls=facts.tls,
            authenticated_submission=facts.authenticated_submission,
            scope=facts.scope,
            confidence=facts.confidence,
            at_its_word=facts.at_its_word,
        ),
        raw=received.text,
        related=_related(hop.related, standings),
        related_left_out=hop.related_left_out,
    )
