"""What `rebuild` gives: the hop chain, and where the receiving side took over."""

from datetime import datetime
from enum import unique

from mailtrace.enums import StrEnum
from mailtrace.findings import Finding
from mailtrace.message.types import HeaderField
from mailtrace.path.forms import Kept
from mailtrace.records import Struct, field
from mailtrace.results import Confidence, Standing


@unique
class Silence(StrEnum):
    """What it means when software of this kind writes nothing about TLS (one column of the dialect table)."""

    CLEARTEXT = "cleartext"  # it is known to record TLS, so there was none
    UNRECORDED = "unrecorded"  # it never says
    LIKELY_CLEARTEXT = "likely-cleartext"  # it may be old, patched or configured not to say


@unique
class HopKind(StrEnum):
    """What sort of step a Received field records."""

    SMTP = "smtp"  # SMTP or ESMTP from a named or numbered peer
    SUBMISSION = "submission"  # authenticated SMTP from a mail program
    LMTP = "lmtp"
    LOCAL = "local"  # pickup, pipe, `with local`, MAPI: nothing crossed a network
    LOOPBACK = "loopback"  # a content filter or proxy on the same machine
    HTTP = "http"  # webmail or an API
    RETRIEVAL = "retrieval"  # POP3 or IMAP fetch: the chain starts anew
    LIST = "list"  # re-injection by list software
    INTERNAL = "internal"  # a provider's own hand-over, without a peer to be seen
    UNKNOWN = "unknown"


@unique
class WaitKind(StrEnum):
    """What sort of time passed before a hop."""

    SUBMISSION = "submission"  # from the message's own Date to its first hop
    TRANSFER = "transfer"  # what handing over takes
    CLOCK = "clock"  # no time: a clock is off
    ZONE = "zone"  # no time: a time zone is wrong
    GREYLISTING = "greylisting"  # the border turned the message away at first
    QUEUE = "queue"  # the server before tried again later
    HELD = "held"  # it lay on one machine: a filter, a moderator, a quarantine
    WAITING = "waiting"  # it waited, and nothing says for what


class Wait(Struct, frozen=True, kw_only=True):
    """The time before a hop, and what it was. Never more than the fields show."""

    kind: WaitKind
    seconds: float
    """Time that passed, clocks corrected where they are known to be off; never negative."""
    clock_seconds: float
    """What the clocks add to it: dated difference less `seconds`; negative where a hop seems to precede the last."""
    corrected: bool
    """A clock that is known to be off, here or at the hop before, was corrected for `seconds`."""
    confidence: Confidence
    """Of the kind."""
    why: str
    """One phrase."""


class Received(Struct, frozen=True, kw_only=True):
    """One Received field, read by the scanner (RFC 5321 §4.4). Every None: the field does not say."""

    helo: str | None
    """What the client called itself."""
    client_name: str | None
    """The name that the server found for the client's address (TCP-info)."""
    client_ip: str | None
    """The address that the server saw, canonical form without brackets, prefix, zone or port."""
    by: str | None
    via: str | None
    protocol: str | None
    """The `with` word, as written."""
    id: str | None
    recipient: str | None
    """The `for` address, without angle brackets."""
    mail_from: str | None
    """The envelope sender, `<>` if null."""
    received_at: datetime | None
    """UTC. None if absent, unreadable, or in an unknown zone."""
    tls_clause: str | None
    """The value of the `tls` clause (RFC 8314 §4.3)."""
    comments: tuple[str, ...]
    """Every depth-0 comment, in order, without its outer parentheses."""
    with_text: str | None
    """All words of the `with` clause that are not comments, as written (`Microsoft SMTP Server`)."""
    authenticated: bool | None
    """A keyword or comment says that the client authenticated; None where the software would not say."""
    text: str
    """The whole value, unfolded."""
    reached: int = 0
    """How many of the comments, from the first on, a client can have put there with its HELO."""
    kept: Kept = field(default_factory=Kept)
    """What was found out about its form (`forms.of_form`)."""

    @property
    def own_comments(self) -> tuple[str, ...]:
        """The comments that only the server can have written."""
        return self.comments[self.reached :]


@unique
class RelatedKind(StrEnum):
    """What sort of thing a related field tells."""

    VIEW = "view"  # another record of the same hand-over
    CLIENT = "client-address"  # the address that the message came from, as somebody saw it
    SENDING = "sending-address"  # the address that a service sends from
    ACCOUNT = "account"  # who had logged in
    DELIVERY = "delivery"  # for whom it was delivered
    ENVELOPE = "envelope"  # the envelope sender
    FORWARDING = "forwarding"
    RESENT = "resent"  # sent on by a person, RFC 5322 §3.6.6
    SIGNATURE = "signature"
    SEAL = "seal"  # a part of an ARC set
    STAMP = "stamp"  # what a server found when it checked the author
    LIST = "list"
    FILTER = "filter"
    PROVIDER = "provider"  # a provider's notes to itself
    PROGRAM = "program"  # what it was written or sent with


class Related(Struct, frozen=True, kw_only=True):
    """A field beside the Received fields that tells of a hop. It is as true as its place."""

    name: str
    """As written."""
    field: int
    """Index among all header fields, 0 = topmost."""
    line: int
    kind: RelatedKind
    meaning: str
    """What such a field says, in a few words."""
    standing: Standing
    """Trusted where the receiving side wrote it, else claimed."""
    value: str
    """Printable, at most 200 characters."""
    says: str | None
    """What it comes down to: the domain of a signature, the address of a delivery. None where nothing is to be picked.
    """
    address: str | None
    """The IP address that it names."""
    at: datetime | None
    """The time of another view of the hop, UTC."""


class Hop(Struct, frozen=True, kw_only=True):
    """One hop: the parsed field, its dialect, and what its place in the chain says."""

    index: int
    """0 = oldest."""
    field: int
    """Index among the Received fields, 0 = topmost."""
    header: HeaderField
    received: Received
    software: str | None
    """Name of the dialect row; None if no row knows the form."""
    silence: Silence
    kind: HopKind
    standing: Standing
    delay_seconds: float | None
    """Since the hop before (older); negative: the clocks disagree. None for the oldest, or where a time is missing."""
    clock_ahead: float | None = None
    """Seconds by which the writer's clock is ahead (negative: behind); None where it is not known to be off."""
    wait: Wait | None = None
    """What sort of time passed before it; None where a time is missing."""
    public: bool | None
    """The two ends are different organisations (True), the same one (False), or it cannot be told (None)."""
    related: tuple[Related, ...] = ()
    """The fields that its server wrote above it, from the top."""
    related_left_out: int = 0
    """How many more of them there are."""

    @property
    def kept(self) -> Kept:
        """What was found out about the form of its field."""
        return self.received.kept


@unique
class BorderSource(StrEnum):
    """How the border was found."""

    GIVEN = "given"
    INFERRED = "inferred"


@unique
class BorderBasis(StrEnum):
    """What joins the border's client to the field below it."""

    SEEN = "seen"  # a name that the border's server found both ways
    CLAIMED = "claimed"  # what the client called itself, or an unconfirmed name


class OtherBorder(Struct, frozen=True, kw_only=True):
    """Where the border would be if something holds that the fields cannot show. Decides nothing."""

    index: int
    """Index of the hop."""
    condition: str
    """One phrase: what would have to be so."""
    basis: BorderBasis
    client_ip: str | None
    """The client that SPF would be evaluated for; None where the field does not show it."""
    receiver: str | None
    trust: tuple[str, ...]
    """The `--trust` values, besides those given, that make it so. Empty: none can; the log of that server shows it."""


class Path(Struct, frozen=True, kw_only=True):
    """The hop chain, oldest first."""

    hops: tuple[Hop, ...]
    border: int | None
    """Index of the hop in which the receiving side took the message over; None if there is none."""
    border_source: BorderSource | None
    border_reason: str | None
    """One phrase: why this hop ("first client outside example.net: 192.0.2.1"), or why there is none."""
    receiver: str | None
    """The receiving organisation (registrable domain of the border's `by`, or the provider's), where known."""
    trust: tuple[str, ...]
    """The `--trust` values, as given."""
    trust_matched: tuple[str, ...] = ()
    """The names and networks among them that matched a hop at or above the border."""
    other_borders: tuple[OtherBorder, ...] = ()
    """Other readings, each further from the recipient than the one before."""
    total_seconds: float | None
    waited_seconds: float | None = None
    """The waits from the oldest hop to the newest, added up; None with fewer than two dated hops."""
    slowest: int | None = None
    """Index of the hop with the largest of them; None where no hop took a second."""
    unplaced: tuple[Related, ...] = ()
    """Related fields that belong to no hop: below all Received fields, or in a header without any."""
    unplaced_left_out: int = 0
    findings: tuple[Finding, ...]

    @property
    def border_hop(self) -> Hop | None:
        """The border hop itself."""
        return None if self.border is None else self.hops[self.border]
