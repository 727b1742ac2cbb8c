"""The report: every stage's result, in the form that is public.

The dataclasses reachable from `Report` *are* the JSON format (CONTRACT §3): msgspec encodes them and derives the schema
from the same types. Nothing enters here that is not meant for the public.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mailtrace._version import __version__
from mailtrace.auth.types import ARCCheck, ClaimedResults, DKIMCheck, DMARCCheck, Session, SPFCheck
from mailtrace.findings import Finding
from mailtrace.message.types import Defect, LineEnding
from mailtrace.path.types import BorderSource
from mailtrace.resolver import Mode
from mailtrace.results import Grade, Scope, Security, Standing
from mailtrace.transport.types import TLSInfo
from mailtrace.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Who made the report."""

    name: str = "mailtrace"
    version: str = __version__


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """Where the message came from; the hash is of its octets as they were found."""

    name: str | None
    kind: str
    position: int
    """Which message of the source, 0 = first."""
    size: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxReport:
    """One address."""

    name: str | None
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReport:
    """What the header says of itself. All of it is the sender's word."""

    from_: tuple[MailboxReport, ...]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class HopTransportReport:
    """Was this hop encrypted, and how do we know?"""

    security: Security
    grade: Grade | None
    tls: TLSInfo | None
    authenticated_submission: bool | None
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class HopReport:
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
    software: str | None
    kind: str
    """smtp, submission, lmtp, local, loopback, http, retrieval, list, internal or unknown."""
    standing: Standing
    transport: HopTransportReport
    raw: str
    """The field's value, unfolded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathReport:
    """The hop chain."""

    border: int | None
    border_source: BorderSource | None
    border_reason: str | None
    total_seconds: float | None
    hops: tuple[HopReport, ...]
    """Oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationReport:
    """Recomputed and claimed."""

    spf: tuple[SPFCheck, ...]
    dkim: tuple[DKIMCheck, ...]
    dmarc: DMARCCheck
    arc: ARCCheck
    claims: tuple[ClaimedResults, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DNSReport:
    """Where DNS answers came from."""

    mode: Mode
    recorded_at: datetime | None
    questions: int
    """Distinct questions that were evaluated."""
    unanswered: int
    """Of those, the ones without an answer: a failure, a timeout, not recorded, offline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything besides the message and DNS that the report depends on."""

    now: datetime | None
    trust: tuple[str, ...]
    session: Session | None
    keys_sha256: str | None
    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
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
    findings: tuple[Finding, ...]
    dns: DNSReport
    inputs: Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDetail:
    """Why there is no report."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorReport:
    """A line of JSONL for a message that could not be read."""

    schema: Literal["mailtrace/analyze"] = "mailtrace/analyze"
    schema_version: Literal[1] = 1
    tool: Tool = Tool()
    source: SourceReport
    error: ErrorDetail
