"""The answer of `find`, in the form that is public: the records reachable from `FindReport` are the JSON format.

Everything is decided before it stands here; renderers only print.
"""

from datetime import datetime
from enum import unique
from typing import Literal

from mailtrace._version import __version__
from mailtrace.delivery.coverage import Coverage
from mailtrace.delivery.events import EventKind, EvidenceClass, JoinedBy, Line, ServerTrust
from mailtrace.delivery.report_types import MatchedBy, SealState
from mailtrace.enums import StrEnum
from mailtrace.records import Struct
from mailtrace.transport.types import TLSInfo


@unique
class Outcome(StrEnum):
    """What became of it. A closed list that scripts rely on; worst first."""

    REJECTED = "rejected"  # never accepted by the server asked
    BOUNCED = "bounced"  # accepted, then returned
    NEVER_SEEN = "never-seen"  # the sources cover the time and hold nothing
    SENT_NOT_SEEN = "sent-not-seen"  # it left the sender's log; the receiving log covers the time and lacks it
    QUARANTINED = "quarantined"  # held by a filter
    FILTERED = "filtered"  # in a junk folder, or discarded by a rule
    DEFERRED = "deferred"  # still being tried
    UNKNOWN = "unknown"  # the sources do not cover it
    HANDED_OVER = "handed-over"  # accepted by the other side's server
    DELIVERED = "delivered"  # in the mailbox


class FindTool(Struct, frozen=True, kw_only=True):
    """Who made the answer."""

    name: str = "mailtrace"
    version: str = __version__


class QueryReport(Struct, frozen=True, kw_only=True):
    """What was asked."""

    message_ids: tuple[str, ...]
    senders: tuple[str, ...]
    recipients: tuple[str, ...]
    subject: str | None
    around: datetime | None
    after: datetime | None
    before: datetime | None
    time_zone: str
    """In which the sentences give their times, beside UTC."""
    like: str | None
    envelope_ids: tuple[str, ...] = ()


class Answer(Struct, frozen=True, kw_only=True):
    """The answer over all recipients: the worst of them."""

    outcome: Outcome
    summary: str
    next_steps: tuple[str, ...]


class Waited(Struct, frozen=True, kw_only=True):
    """Where one message lost time."""

    host: str | None
    seconds: float
    why: str
    """`deferred` and `greylisted`: from the first try that failed to the end; `queue`, `connect`, `transfer`,
    `before-queue`: what took long of one try."""


class RecipientAnswer(Struct, frozen=True, kw_only=True):
    """What became of it for one recipient."""

    address: str
    outcome: Outcome
    folder: str | None
    evidence_class: EvidenceClass | None
    """None where there is no evidence at all."""
    reply: str | None
    """What the server said that decided, as written."""
    explanation: str
    message_id: str | None
    """Of the message that this is about, where one was found."""
    time: datetime | None
    """Of what decided."""
    status: str | None
    source: Line | None
    """Where it stands."""
    waits: tuple[Waited, ...]
    signed_by: str | None = None
    """Whose signed statement it rests on (class C); None where it rests on anything else."""
    said: tuple[str, ...] = ()
    """What somebody says became of it (class E): it decides nothing."""
    near_misses: tuple[str, ...]
    """Addresses in the sources that differ from this one by a slip of the keyboard."""


class MessageFound(Struct, frozen=True, kw_only=True):
    """A copy of the message in a mailbox; `mailtrace analyze` reads it."""

    message_id: str | None
    source: str
    member: str | None
    """Which file below a directory, or which message of a server; None where the source is the file."""
    position: int
    """Which message of the file, 0 = first; on a server its UID."""
    kind: str
    folder: str | None
    flags: str | None
    """Maildir's letters, as S for seen."""
    sha256: str | None
    """None where it was not read to its end, being too large."""
    date: datetime | None
    """As the message says."""
    subject: str | None
    is_sender_copy: bool
    """It lies in a folder for what was sent, or bears no marks of delivery: it says nothing about arrival."""
    url: str | None = None
    """By which `mailtrace analyze` reads it from its server; None for files."""
    is_another_message: bool = False
    """It bears the Message-ID, and another author and date than what was sent: it decides nothing."""


class EventReport(Struct, frozen=True, kw_only=True):
    """One event. Every None: the source does not say."""

    time: datetime | None
    kind: EventKind
    sender: str | None
    recipient: str | None
    original_recipient: str | None
    queue_id: str | None
    next_queue_id: str | None
    message_id: str | None
    host: str | None
    peer: str | None
    of_client: bool
    """`peer` is a client that the server refused; else the machine that it took the message from, or handed it to."""
    folder: str | None
    status: str | None
    action: str | None
    reply: str | None
    tls: TLSInfo | None
    encrypted: bool | None
    """Of a transfer; false: the source says not, or its server would have said."""
    server_trust: ServerTrust | None
    """What a sending server found of the other one's certificate."""
    delay_seconds: float | None
    source: Line
    raw: str
    joined_by: JoinedBy


class ReportFound(Struct, frozen=True, kw_only=True):
    """A bounce, notice or receipt. Every None: it does not say."""

    kind: EventKind
    time: datetime | None
    reporter: str | None
    """The server or mail program in whose name it speaks."""
    recipients: tuple[str, ...]
    message_id: str | None
    """Of the message that it speaks of."""
    envelope_id: str | None
    source: Line
    matched_by: MatchedBy | None
    """By what it is known to be of the message that is asked for; None: it is of another one."""
    agrees: tuple[str, ...]
    """Fields that it returns as they were sent, where a copy of what was sent is known."""
    differs: tuple[str, ...]
    signature: SealState
    signed_by: str | None
    key_source: str | None
    """Where the key came from: `dns`, `recording` or `archive`."""
    is_counted: bool
    """It is evidence, of class C if `signature` is `verified`, else of class D."""
    note: str | None
    """Why it is not counted, or is no signed statement."""


class FindReport(Struct, frozen=True, kw_only=True):
    """Everything that `find` has to say."""

    schema: Literal["mailtrace/find"] = "mailtrace/find"
    schema_version: Literal[1] = 1
    tool: FindTool = FindTool()
    query: QueryReport
    answer: Answer
    recipients: tuple[RecipientAnswer, ...]
    messages: tuple[MessageFound, ...]
    events: tuple[EventReport, ...]
    coverage: tuple[Coverage, ...]
    reports: tuple[ReportFound, ...] = ()
    """The bounces and receipts that are of the message, or seem to be."""
    notes: tuple[str, ...]
    """What was inferred, passed over, or could not be read."""
