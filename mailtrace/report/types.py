"""The report in the form that is public.

The records reachable from `Report` *are* the JSON format (CONTRACT §3): msgspec encodes them and derives the schema
from the same types. Nothing enters here that is not meant for the public.
"""

from datetime import datetime
from typing import Literal

from mailtrace._version import __version__
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
from mailtrace.findings import Finding
from mailtrace.message.types import Defect, LineEnding
from mailtrace.path.types import BorderSource, OtherBorder, Related, Wait
from mailtrace.records import Struct, field
from mailtrace.resolver import Mode
from mailtrace.results import Confidence, Grade, Scope, Security, Standing
from mailtrace.transport.types import TLSInfo, TransportPolicy
from mailtrace.verdict import Verdict


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
    at_its_word: Confidence = Confidence.HIGH
    """The same, if whoever wrote the field could be believed: less than high where a server may be silent on TLS."""


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
