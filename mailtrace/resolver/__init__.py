"""The one DNS seam: `Resolver` answers a question with an `Answer`, and never raises for a failure of DNS.

In forensics a failure is evidence, so it is a value: NXDOMAIN, no data, SERVFAIL, a timeout, and "the recording does
not hold this question" are five outcomes, and nothing downstream may fold them together.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import unique
from typing import NamedTuple, Protocol

from mailtrace.enums import StrEnum
from mailtrace.patterns import lazy
from mailtrace.records import Struct


@unique
class RRType(StrEnum):
    """The record types asked for."""

    A = "A"
    AAAA = "AAAA"
    CNAME = "CNAME"
    MX = "MX"
    NS = "NS"
    PTR = "PTR"
    SOA = "SOA"
    TLSA = "TLSA"
    TXT = "TXT"


@unique
class Outcome(StrEnum):
    """How a question ended."""

    ANSWER = "ANSWER"  # records of the type asked for
    NODATA = "NODATA"  # the name exists, the type does not
    NXDOMAIN = "NXDOMAIN"  # the name does not exist
    SERVFAIL = "SERVFAIL"
    REFUSED = "REFUSED"
    FORMERR = "FORMERR"
    TIMEOUT = "TIMEOUT"
    UNREACHABLE = "UNREACHABLE"
    BADNAME = "BADNAME"  # the name cannot be put in a DNS question
    NOT_RECORDED = "NOT-RECORDED"  # the recording does not hold the question: not an answer
    OFFLINE = "OFFLINE"  # no DNS was to be asked


_TEMPORARY = frozenset({Outcome.SERVFAIL, Outcome.REFUSED, Outcome.FORMERR, Outcome.TIMEOUT, Outcome.UNREACHABLE})
_UNASKED = frozenset({Outcome.NOT_RECORDED, Outcome.OFFLINE})
_UNANSWERED = _TEMPORARY | _UNASKED


@unique
class Mode(StrEnum):
    """Where the answers come from; `dns.mode` of the report."""

    LIVE = "live"
    RECORDED = "recorded"
    OFFLINE = "offline"


class Question(NamedTuple):
    """A name in lower-case A-labels without the final dot, and a type."""

    name: str
    rrtype: RRType


class Answer(Struct, frozen=True, kw_only=True):
    """What DNS said to one question."""

    name: str
    rrtype: RRType
    outcome: Outcome
    records: tuple[str, ...] = ()
    r"""Presentation form, in the recording's spelling: TXT strings joined, bytes outside printable ASCII and the
    backslash as `\DDD`; MX as `10 mx.example.com`; names without the final dot. Sorted, so that the order in which a
    server happened to answer never changes a report. Empty unless the outcome is ANSWER."""
    cname: tuple[str, ...] = ()
    """The chain of targets that led to the records, first to last."""
    ttl: int | None = None
    authenticated: bool | None = None
    """The AD bit; None where it is not known."""
    detail: str | None = None
    """The resolver's own words on a failure."""

    @property
    def texts(self) -> tuple[bytes, ...]:
        """The TXT records as octets, the strings of each joined (RFC 7208 §3.3, RFC 6376 §3.6.2.2)."""
        return tuple(unescape(record) for record in self.records)

    @property
    def is_temporary(self) -> bool:
        """True where asking again might help: SERVFAIL, a timeout and their kin."""
        return self.outcome in _TEMPORARY

    @property
    def is_unasked(self) -> bool:
        """True where nothing was asked at all: not recorded, or offline."""
        return self.outcome in _UNASKED

    @property
    def is_answered(self) -> bool:
        """True for an answer, no data, NXDOMAIN, and for a name that no DNS can hold."""
        return self.outcome not in _UNANSWERED


class Resolver(Protocol):
    """The seam. Every implementation answers from one place: the wire, a recording, nowhere."""

    @property
    def mode(self) -> Mode:
        """Where the answers come from."""

    @property
    def recorded_at(self) -> datetime | None:
        """When a recording was made (UTC); None for live DNS or where the recording does not say."""

    def resolve(self, name: str, rrtype: RRType, /) -> Answer:
        """Answer one question. Never raises for a DNS failure."""

    def prefetch(self, questions: Iterable[Question], /) -> None:
        """Ask these at once, so that `resolve` has them at hand. Where that costs nothing, do nothing."""

    def for_message(self) -> "Resolver":
        """Return the view for one message: its deadline begins now."""


MAX_NAME = 253
"""Characters of a domain name without its final dot (RFC 1035 §2.3.4: 255 octets on the wire)."""
MAX_LABEL = 63
MAX_CNAME = 10
"""CNAMEs followed at the most, as resolvers do."""

_LONGEST_SHOWN = 60


def canonical(name: str) -> str:
    """Write a name as questions do: lower case, without the one final dot.

    >>> canonical("Mail.Example.COM.")
    'mail.example.com'
    """
    return name.lower().removesuffix(".")


def bad_name(name: str) -> str | None:
    """Say why this canonical name cannot be put in a DNS question (RFC 1035 §2.3.4); None if it can.

    >>> bad_name("a..example")
    'empty label'
    """
    if not name.isascii():
        return "not ASCII: an A-label was needed"
    labels = name.split(".")
    if "" in labels:
        return "empty label"
    longest = max(labels, key=len)
    if len(longest) > MAX_LABEL:
        return f"label of {len(longest)} octets: {longest[:_LONGEST_SHOWN]!r}"
    return None if len(name) <= MAX_NAME else f"name of {len(name)} octets"


_ESCAPE = lazy(rb"\\(\d{3})")


def unescape(record: str) -> bytes:
    r"""Turn `\DDD` (decimal) back into octets.

    >>> unescape("caf\\195\\169")
    b'caf\xc3\xa9'
    """
    octets = record.encode("latin-1", "replace")
    return _ESCAPE.sub(lambda match: bytes([int(match[1]) & 0xFF]), octets) if b"\\" in octets else octets


def escape_octets(octets: bytes) -> str:
    r"""Write octets as a recording does: printable ASCII as it is, the rest and the backslash as `\DDD`.

    >>> escape_octets(b"v=spf1 \xc3\xa9")
    'v=spf1 \\195\\169'
    """
    return "".join(chr(o) if 0x20 <= o < 0x7F and o != 0x5C else f"\\{o:03d}" for o in octets)
