"""The report on forced TLS, in the form that is public: the records below `ForcedTLSReport` are the JSON format.

Everything is decided before it stands here; renderers only print.
"""

from datetime import datetime
from enum import unique
from typing import Literal

from mailtrace.delivery.answer import FindTool
from mailtrace.delivery.coverage import Coverage
from mailtrace.delivery.events import EventKind, Line, ServerTrust
from mailtrace.delivery.forced.domains import ForcedPolicy
from mailtrace.enums import StrEnum
from mailtrace.records import Struct
from mailtrace.results import Security
from mailtrace.transport.types import TLSInfo


@unique
class ForcedAnswer(StrEnum):
    """Whether what the list asks for was met. A closed list that scripts rely on; worst first."""

    IN_CLEAR = "in-clear"  # no TLS
    NOT_VERIFIED = "not-verified"  # TLS, and not the certificate that the policy asks for
    UNDECIDED = "undecided"  # the log does not show it
    MET = "met"
    NOTHING_SENT = "nothing-sent"  # of the whole report only: the logs have no transfer to these domains


class Transfer(Struct, frozen=True, kw_only=True):
    """One hand-over of one message to another server, for one recipient. Every None: the log does not say."""

    time: datetime | None
    answer: ForcedAnswer
    why: str
    """One sentence."""
    recipient: str
    domain: str
    """The entry of the list that it falls under."""
    policy: ForcedPolicy
    transport: Security
    """`encrypted`, `cleartext` or `unrecorded`."""
    verified: bool | None
    """The certificate was the one that the sending server asks for."""
    server_trust: ServerTrust | None
    tls: TLSInfo | None
    kind: EventKind
    sender: str | None
    message_id: str | None
    queue_id: str | None
    host: str | None
    """The server that sent, and wrote the line."""
    peer: str | None
    """The server that took it."""
    status: str | None
    reply: str | None
    source: Line
    """The line of the transfer."""
    tls_source: Line | None
    """The line that shows the TLS; None where there is none."""
    raw: str


class DomainCount(Struct, frozen=True, kw_only=True):
    """One entry of the list."""

    domain: str
    policy: ForcedPolicy
    transfers: int
    met: int
    in_clear: int
    not_verified: int
    undecided: int


class ForcedQuery(Struct, frozen=True, kw_only=True):
    """What was asked."""

    domain_file: str
    domain_file_sha256: str
    domains: int
    after: datetime | None
    before: datetime | None
    time_zone: str
    """Of the sentences that people read; all times here are UTC."""
    lists_all: bool
    """`transfers` holds those that met the policy as well."""


class ForcedSummary(Struct, frozen=True, kw_only=True):
    """The answer over all transfers: the worst of them."""

    outcome: ForcedAnswer
    summary: str
    is_complete: bool
    """False: a log could not be read to its end, or does not cover the time that was asked for, or is no log."""
    transfers: int
    met: int
    in_clear: int
    not_verified: int
    undecided: int
    on_this_machine: int
    """Hand-overs to these domains that crossed no network: mailboxes, filters and programs of the server's own."""
    next_steps: tuple[str, ...]


class ForcedTLSReport(Struct, frozen=True, kw_only=True):
    """Everything that `find --forced-tls` has to say."""

    schema: Literal["mailtrace/forced-tls"] = "mailtrace/forced-tls"
    schema_version: Literal[1] = 1
    tool: FindTool = FindTool()
    query: ForcedQuery
    answer: ForcedSummary
    domains: tuple[DomainCount, ...]
    """In the order of the list; only those with a transfer."""
    transfers: tuple[Transfer, ...]
    """In order of time: those that did not meet the policy or could not be decided; or all."""
    coverage: tuple[Coverage, ...]
    notes: tuple[str, ...]
    """What was inferred, passed over, or could not be read."""
