"""The report: every stage's result, in the form that is public.

The records reachable from `Report` *are* the JSON format (CONTRACT §3): msgspec encodes them and derives the schema
from the same types. Nothing enters here that is not meant for the public.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import BinaryIO, Literal

from mailtrace._version import __version__
from mailtrace.auth import authenticate
from mailtrace.auth.difference_types import Difference
from mailtrace.auth.dkim2_types import NO_DKIM2, DKIM2Chain
from mailtrace.auth.types import (
    ARCCheck,
    ClaimedResults,
    DKIMCheck,
    DMARCCheck,
    Session,
    SPFCheck,
)
from mailtrace.findings import Finding, by_severity
from mailtrace.message import Mailbox, Message, parse
from mailtrace.message.types import Defect, LineEnding
from mailtrace.path import rebuild
from mailtrace.path.types import BorderSource, Hop, OtherBorder, Path, Related, Wait
from mailtrace.records import Struct, field, replace
from mailtrace.resolver import Mode, Resolver
from mailtrace.resolver.archive import KeyArchive
from mailtrace.resolver.ledger import Ledger
from mailtrace.results import Confidence, Grade, Scope, Security, Standing
from mailtrace.transport import assess
from mailtrace.transport.grade import DEFAULT, Profile
from mailtrace.transport.types import HopTransport, TLSInfo, Transport, TransportPolicy
from mailtrace.verdict import DNSTime, Verdict, judge

Comment = Callable[[str, Resolver], tuple[Finding, ...]]
"""Comments on what a domain publishes (`--lint`)."""


class Tool(Struct, frozen=True, kw_only=True):
    """Who made the report."""

    name: str = "mailtrace"
    version: str = __version__


class SourceReport(Struct, frozen=True, kw_only=True):
    """Where the message came from; the hash is of its octets as they were found."""

    name: str | None
    kind: str
    position: int
    """Which message of the source, 0 = first."""
    size: int | None
    sha256: str | None
    member: str | None = None
    """Which file below a directory, or of an archive; None where the source is the file."""
    flags: str | None = None
    """Maildir's letters, `FS` for flagged and seen; None where nothing keeps any."""
    reconstructed: bool = False
    """The octets were put together again from a form that keeps none: no signature over them can be checked."""


class MailboxReport(Struct, frozen=True, kw_only=True):
    """One address."""

    name: str | None
    address: str | None


class MessageReport(Struct, frozen=True, kw_only=True):
    """What the header says of itself. All of it is the sender's word."""

    from_: tuple[MailboxReport, ...] = field(name="from")
    to: tuple[MailboxReport, ...]
    cc: tuple[MailboxReport, ...]
    reply_to: tuple[MailboxReport, ...]
    subject: str | None
    date: datetime | None
    message_id: str | None
    author_domain: str | None
    return_path: str | None
    line_ending: LineEnding
    defects: tuple[Defect, ...]


class HopTransportReport(Struct, frozen=True, kw_only=True):
    """Was this hop encrypted, and how do we know?"""

    security: Security
    grade: Grade | None
    tls: TLSInfo | None
    authenticated_submission: bool | None
    scope: Scope
    confidence: Confidence
    """Of `security`: low where a stranger claims it, or the silence of a server is only a hint."""


class HopReport(Struct, frozen=True, kw_only=True):
    """One hop. Every None: the field does not say."""

    index: int
    field: int
    """Index among the Received fields, 0 = topmost."""
    helo: str | None
    client_name: str | None
    client_ip: str | None
    by: str | None
    via: str | None
    protocol: str | None
    id: str | None
    recipient: str | None
    mail_from: str | None
    received_at: datetime | None
    delay_seconds: float | None
    clock_ahead_seconds: float | None = None
    """Seconds by which its server's clock is ahead (negative: behind); null where it is not known to be off."""
    wait: Wait | None = None
    """What sort of time passed before this hop; null where a time is missing."""
    software: str | None
    kind: str
    """smtp, submission, lmtp, local, loopback, http, retrieval, list, internal or unknown."""
    standing: Standing
    transport: HopTransportReport
    raw: str
    """The field's value, unfolded."""
    related: tuple[Related, ...] = ()
    """Other fields that tell of this hop: those that its server wrote above it, from the top."""
    related_left_out: int = 0
    """How many more of them there are."""


class PathReport(Struct, frozen=True, kw_only=True):
    """The hop chain."""

    border: int | None
    border_source: BorderSource | None
    border_reason: str | None
    other_borders: tuple[OtherBorder, ...] = ()
    """Other readings, where the fields leave room for one; each further from the recipient than the one before."""
    total_seconds: float | None
    """From the oldest dated hop to the newest, by their own clocks."""
    waited_seconds: float | None = None
    """The waits of the hops added up, differences of clocks left out."""
    slowest: int | None = None
    """Index of the hop before which the most time passed."""
    hops: tuple[HopReport, ...]
    """Oldest first."""
    unplaced: tuple[Related, ...] = ()
    """Related fields that belong to no hop: below all Received fields, or in a header without any."""
    unplaced_left_out: int = 0
    """How many more of them there are."""


class AuthenticationReport(Struct, frozen=True, kw_only=True):
    """Recomputed and claimed."""

    spf: tuple[SPFCheck, ...]
    dkim: tuple[DKIMCheck, ...]
    dmarc: DMARCCheck
    arc: ARCCheck
    claims: tuple[ClaimedResults, ...]
    differences: tuple[Difference, ...] = ()
    dkim2: DKIM2Chain = NO_DKIM2


class DNSReport(Struct, frozen=True, kw_only=True):
    """Where DNS answers came from."""

    mode: Mode
    recorded_at: datetime | None
    questions: int
    """Distinct questions that were evaluated."""
    unanswered: int
    """Of those, the ones without an answer: a failure, a timeout, not recorded, offline."""


class Inputs(Struct, frozen=True, kw_only=True):
    """Everything besides the message and DNS that the report depends on."""

    now: datetime | None
    trust: tuple[str, ...]
    session: Session | None
    keys_sha256: str | None
    profile: str


class Report(Struct, frozen=True, kw_only=True):
    """The whole report of `analyze`."""

    schema: Literal["mailtrace/analyze"] = "mailtrace/analyze"
    schema_version: Literal[1] = 1
    tool: Tool = Tool()
    source: SourceReport
    message: MessageReport
    verdict: Verdict
    path: PathReport
    session: Session
    authentication: AuthenticationReport
    transport_policy: TransportPolicy
    findings: tuple[Finding, ...]
    dns: DNSReport
    inputs: Inputs


class ErrorDetail(Struct, frozen=True, kw_only=True):
    """Why there is no report."""

    code: str
    message: str


class ErrorReport(Struct, frozen=True, kw_only=True):
    """A line of JSONL for a message that could not be read."""

    schema: Literal["mailtrace/analyze"] = "mailtrace/analyze"
    schema_version: Literal[1] = 1
    tool: Tool = Tool()
    source: SourceReport
    error: ErrorDetail


def analyze(
    raw: bytes | BinaryIO,
    *,
    dns: Resolver,
    source: SourceReport | None = None,
    now: datetime | None = None,
    trust: Sequence[str] = (),
    session: Session | None = None,
    keys: Resolver | None = None,
    profile: Profile = DEFAULT,
    comment: Comment | None = None,
    look_ahead: bool = True,
) -> Report:
    """Analyse one message: `raw` is its octets, or a readable, seekable binary file that stays open.

    `now` (UTC) defaults to the time of the recording; live runs pass the clock, read once. `keys` answers for DKIM keys
    from elsewhere than DNS (`load_keys`). `comment` is asked for findings about the author domain's records, off the
    verdict's path. `look_ahead`: ask live DNS at once for what may be needed. Raises
    MessageError if the input is no message.
    """
    now = now or dns.recorded_at
    ledger = Ledger(dns.for_message())
    message = parse(raw)
    path = rebuild(message, trust)
    transport = assess(path, profile)
    dns_time = DNSTime(mode=dns.mode, at=dns.recorded_at if dns.mode is Mode.RECORDED else now)
    authentication = authenticate(
        message,
        path,
        session,
        dns=ledger,
        keys=keys,
        dns_at=dns_time.at,
        look_ahead=look_ahead,
        reconstructed=source is not None and source.reconstructed,
        from_mbox=source is not None and source.kind == "mbox",
    )
    judgement = judge(message, path, transport, authentication, dns=dns_time, answers=ledger.answers)
    answers = ledger.answers
    comments = comment(message.author_domain, ledger) if comment and message.author_domain else ()
    stages = (judgement.findings, authentication.findings, path.findings, transport.findings, comments)
    return Report(
        source=_source(source, message),
        message=_message(message),
        verdict=judgement.verdict,
        path=_path(path, transport, authentication.claims),
        session=authentication.session,
        authentication=AuthenticationReport(
            spf=authentication.spf,
            dkim=authentication.dkim,
            dmarc=authentication.dmarc,
            arc=authentication.arc,
            claims=authentication.claims,
            differences=authentication.differences,
            dkim2=authentication.dkim2,
        ),
        transport_policy=transport.policy,
        findings=by_severity(finding for stage in stages for finding in stage),
        dns=DNSReport(
            mode=dns.mode,
            recorded_at=dns.recorded_at,
            questions=len(answers),
            unanswered=sum(not answer.is_answered for answer in answers),
        ),
        inputs=Inputs(
            now=now,
            trust=tuple(trust),
            session=session,
            keys_sha256=keys.sha256 if isinstance(keys, KeyArchive) else None,
            profile=profile.name,
        ),
    )


def _source(source: SourceReport | None, message: Message) -> SourceReport:
    origin = source or SourceReport(name=None, kind="eml", position=0, size=None, sha256=None)
    return replace(origin, size=message.size, sha256=message.sha256)


def _message(message: Message) -> MessageReport:
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


def _path(path: Path, transport: Transport, claims: Sequence[ClaimedResults] = ()) -> PathReport:
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
        ),
        raw=received.text,
        related=_related(hop.related, standings),
        related_left_out=hop.related_left_out,
    )
