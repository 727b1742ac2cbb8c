"""Events: what one line of a log, one bounce or one mailbox copy shows of one message. Types only."""

from datetime import datetime
from enum import unique

from mailtrace.enums import StrEnum
from mailtrace.records import Struct
from mailtrace.transport.types import TLSInfo


@unique
class EventKind(StrEnum):
    """What happened. A closed list that scripts rely on."""

    SUBMITTED = "submitted"  # by a user or program of the server's own
    ACCEPTED = "accepted"  # taken over from another server
    REJECTED = "rejected"  # refused for good while SMTP was spoken
    GREYLISTED = "greylisted"  # refused for now, by greylisting
    FILTERED = "filtered"  # put into junk, or discarded, by a rule
    QUARANTINED = "quarantined"
    QUEUED = "queued"
    DEFERRED = "deferred"  # a try that failed for now
    RELAYED = "relayed"  # handed to another server, which took it
    DELIVERED = "delivered"  # to the mailbox
    BOUNCED = "bounced"  # given up, and sent back
    DSN = "dsn"  # somebody's report on delivery (RFC 3464)
    MDN = "mdn"  # somebody's receipt (RFC 8098)
    MAILBOX_COPY = "mailbox-copy"


@unique
class JoinedBy(StrEnum):
    """How an event is known to belong to the message asked for."""

    MESSAGE_ID = "message-id"
    QUEUE_ID = "queue-id"
    ENVELOPE = "envelope"  # sender, recipient and time only: it may be another message


@unique
class EvidenceClass(StrEnum):
    """How good the evidence is, best first."""

    A = "A"  # our own log or mailbox
    B = "B"  # the other side's log
    C = "C"  # a signed statement
    D = "D"  # an unsigned header, DSN or MDN
    E = "E"  # somebody's word


@unique
class ServerTrust(StrEnum):
    """What a sending server found of the receiving one's certificate. Best last."""

    ANONYMOUS = "anonymous"  # it showed none
    UNTRUSTED = "untrusted"  # nobody known vouches for it; usual between opportunistic servers
    TRUSTED = (
        "trusted"  # a known authority does; whether the name fits was not looked at, or it may not be the right one
    )
    VERIFIED = "verified"  # and it is the one that the policy (or DANE) asks for


class Line(Struct, frozen=True, kw_only=True):
    """Where an event stands."""

    name: str
    """The source, as given; of a message in a mailbox, with its place."""
    line: int | None
    """1 = first; None for what is no line of a file."""


class Event(Struct, frozen=True, kw_only=True):
    """One event. Every None: the source does not say."""

    time: datetime | None
    """UTC."""
    kind: EventKind
    sender: str | None = None
    """The envelope sender; `<>` if null."""
    recipient: str | None = None
    original_recipient: str | None = None
    """Before aliases and forwarding."""
    control: str | None = None
    """Whose rights the delivery had, in Sendmail's log: the sender's, or those of the alias that led to `recipient`."""
    queue_id: str | None = None
    next_queue_id: str | None = None
    """The id that the next server gave it, out of its reply."""
    previous_queue_id: str | None = None
    """The id under which the same server had it before (a filter took it back in between)."""
    message_id: str | None = None
    """With its angle brackets, as written; case kept."""
    host: str | None = None
    """The server that wrote the line."""
    peer: str | None = None
    """The machine at the other end, `name[address]` or what is known of it."""
    of_client: bool = False
    """The server refused what a client wanted to hand over: `peer` is that client, and to come again is up to it."""
    of_all: bool = False
    """What it says is of the message as a whole; `recipient` is one of perhaps several."""
    folder: str | None = None
    status: str | None = None
    """An enhanced status code (RFC 3463), `2.0.0`."""
    reply: str | None = None
    """What the other side said, or the reason, as written."""
    tls: TLSInfo | None = None
    encrypted: bool | None = None
    """Whether the transfer was; True wherever `tls` is set. False: the line says that it was not."""
    tls_line: int | None = None
    """The line of the same source that shows `tls`, where it is another one."""
    server_trust: ServerTrust | None = None
    """Of a transfer to another server."""
    delay_seconds: float | None = None
    """Since the message came in, where the line says so."""
    delays: tuple[float, float, float, float] | None = None
    """Of `delay_seconds`: before the queue, in the queue, connecting, transferring."""
    action: str | None = None
    """What a DSN or MDN says was done: `failed`, `delayed`, `delivered`, ..., `displayed`, as its RFC names it."""
    subject: str | None = None
    size: int | None = None
    taken_for: int | None = None
    """How many recipients the server says that it has to deliver this queue entry to."""
    source: Line
    raw: str
    """The line, without its end; bounded."""


REFUSALS = frozenset({EventKind.REJECTED, EventKind.GREYLISTED, EventKind.DEFERRED})
"""What a server may say to a client that wants to hand something over."""

MAX_RAW = 4000
"""Characters of a line that are kept."""
