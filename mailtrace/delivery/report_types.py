"""What a report says (DSN, RFC 3464; MDN, RFC 8098), who signed it, and how it is known to be of our message. Types."""

from collections.abc import Callable
from datetime import datetime
from enum import unique

from mailtrace.delivery.events import Event, EventKind, Line
from mailtrace.enums import StrEnum
from mailtrace.records import Struct

MAX_RAW = 2000
"""Characters of the fields of one recipient that are kept."""


@unique
class SealState(StrEnum):
    """What the signatures of a report are worth."""

    VERIFIED = "verified"  # by a domain that it speaks for, over everything that counts
    UNSIGNED = "unsigned"
    FAILED = "failed"
    OTHER_DOMAIN = "other-domain"  # it verifies, and whoever signed has no say in this
    INSUFFICIENT = "insufficient"  # it verifies, and something that counts is not covered
    NOT_CHECKED = "not-checked"  # the key could not be had, or the octets are not those that were signed


class Seal(Struct, frozen=True, kw_only=True):
    """Who signed a report."""

    state: SealState
    signer: str | None = None
    """`d=` of the signature that this is about."""
    why: str | None
    """Why it is no signed statement, as a part of a sentence; None for VERIFIED."""
    speaks_for: frozenset[str] = frozenset()
    """The recipients, folded, of whom the signer has a say: all of them for the server that reports, else its own."""
    key_source: str | None = None
    """`dns`, `recording` or `archive`."""


UNSIGNED = Seal(state=SealState.UNSIGNED, why="nobody signed it")
NOT_ASKED = Seal(state=SealState.NOT_CHECKED, why="its signature was not checked")


@unique
class MatchedBy(StrEnum):
    """By what a report is known to be of the message that is asked for; best first."""

    SIGNATURE = "signature"  # what it returns bears the DKIM signature of what was sent
    ENVELOPE_ID = "envelope-id"  # RFC 3461 §4.4: the sender gave it to this one transaction
    MESSAGE_ID = "message-id"
    HEADER = "header"  # author, subject and date are those that were sent, and the Message-ID is another
    ENVELOPE = "envelope"  # recipient and time only: it may be of another message


class Match(Struct, frozen=True, kw_only=True):
    """How a report compares with what is asked for."""

    by: MatchedBy | None
    """None: it is of another message, as far as it says."""
    agrees: tuple[str, ...] = ()
    """Fields of the returned header that are those of the message that was sent, where that is known."""
    differs: tuple[str, ...] = ()


class Returned(Struct, frozen=True, kw_only=True):
    """The fields of the message that came back with a report. Every None: it does not say."""

    message_id: str | None = None
    author: str | None = None
    to: str | None = None
    subject: str | None = None
    date: datetime | None = None
    signatures: frozenset[str] = frozenset()
    """`b=` of its DKIM signatures, without white space."""


class Kept(Struct, frozen=True, kw_only=True):
    """The octets of a report, for its signature to be checked."""

    octets: bytes
    from_mbox: bool
    reconstructed: bool


class Fate(Struct, frozen=True, kw_only=True):
    """What a report says of one recipient. Every None: it does not say."""

    recipient: str | None
    original_recipient: str | None = None
    action: str | None
    """RFC 3464 §2.3.3: failed, delayed, delivered, relayed, expanded. RFC 8098 §3.2.6: displayed, deleted, ..."""
    status: str | None
    diagnostic: str | None
    remote_mta: str | None = None
    time: datetime | None = None
    """Of the last try."""


class Report(Struct, frozen=True, kw_only=True):
    """One report. Anybody can write one: it is a claim until a signature or something else bears it out."""

    kind: EventKind
    """DSN or MDN."""
    time: datetime | None
    """When it was written, as it says."""
    reporter: str | None
    """The server, or the mail program, that reports."""
    message_id: str | None
    """Of the message that it speaks of, with its angle brackets."""
    is_named_inside: bool
    """The Message-ID is from the report's content; else from its own header (In-Reply-To, References)."""
    envelope_id: str | None
    """Original-Envelope-Id (RFC 3464 §2.2.1)."""
    subject: str | None
    """Of the message that it speaks of."""
    to: tuple[str, ...] = ()
    """To whom the report itself was sent."""
    returned: Returned = Returned()
    fates: tuple[Fate, ...]
    is_structured: bool
    """It has the machine-readable part."""
    names_nobody: bool = False
    """Its own words name no recipient: whom it is about follows from the message that came back with it."""
    is_passed_on: bool = False
    """It was found within another message: a filter or a person passed it on."""
    source: Line
    kept: Kept | None = None
    """None where nobody signed it, or there is no room for it."""
    seal: Seal = UNSIGNED
    match: Match = Match(by=None)

    def events(self) -> tuple[Event, ...]:
        """Return what it says of each recipient, as events."""
        return tuple(
            Event(
                time=self.time,
                kind=self.kind,
                recipient=fate.recipient,
                original_recipient=fate.original_recipient,
                message_id=self.message_id,
                host=self.reporter,
                peer=fate.remote_mta,
                status=fate.status,
                reply=fate.diagnostic,
                subject=self.subject,
                action=fate.action,
                source=self.source,
                raw=_raw(fate),
            )
            for fate in self.fates
        )


def _raw(fate: Fate) -> str:
    parts = (
        ("Final-Recipient", fate.recipient),
        ("Action", fate.action),
        ("Status", fate.status),
        ("Diagnostic-Code", fate.diagnostic),
    )
    return "; ".join(f"{name}: {value}" for name, value in parts if value)[:MAX_RAW]


SealOf = Callable[[Report], Seal]
"""Checks who signed a report: the one place where `find` may come to need DNS."""


def unasked(report: Report) -> Seal:
    """Say what is known of a report's signature without checking it."""
    return report.seal
