"""The question: which message is asked for, by its Message-ID or by what is known of it. Pure."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_tz

from mailtrace.delivery.sent import Sent, sent_of
from mailtrace.message import Message
from mailtrace.names.domain import a_labels, u_labels
from mailtrace.records import Struct, replace

DEFAULT_WINDOW = timedelta(hours=24)
LATE = timedelta(days=5)
"""How long a message may wait before it is given up (RFC 5321 §4.5.4.1: four to five days)."""


class Query(Struct, frozen=True, kw_only=True):
    """What is asked. Empty or None: anything."""

    message_ids: tuple[str, ...] = ()
    """With their angle brackets; case kept."""
    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    subject: str | None = None
    """A part of it; case does not matter."""
    around: datetime | None = None
    after: datetime | None = None
    """UTC; nothing before it is meant."""
    before: datetime | None = None
    like: str | None = None
    """The file whose message is asked for."""
    sent: Sent | None = None
    """What that copy says."""
    said: tuple[tuple[str, str], ...] = ()
    """What somebody says: of which recipient, and the words."""
    envelope_ids: tuple[str, ...] = ()
    """What the sender gave the server to know this one transaction by (RFC 3461 §4.4)."""

    @property
    def is_empty(self) -> bool:
        """Nothing says which message is meant."""
        return not (self.message_ids or self.envelope_ids or self.senders or self.recipients or self.subject)

    def in_time(self, time: datetime | None, *, late: timedelta = timedelta(0)) -> bool:
        """Tell whether something may be of the time that is meant; what has no time may."""
        if time is None:
            return True
        if self.after is not None and time < self.after:
            return False
        return self.before is None or time <= self.before + late

    def has_subject(self, subject: str | None) -> bool:
        """Tell whether a subject is the one that is meant; an unknown one may be."""
        if self.subject is None or subject is None:
            return True
        return " ".join(self.subject.casefold().split()) in " ".join(subject.casefold().split())


def bracketed(message_id: str) -> str:
    """Return a Message-ID with its angle brackets.

    >>> bracketed(" abc@example.com"), bracketed("<abc@example.com>")
    ('<abc@example.com>', '<abc@example.com>')
    """
    return f"<{message_id.strip().removeprefix('<').removesuffix('>')}>"


def folded(address: str) -> str:
    """Return an address as it is compared: without brackets, in lower case, its domain in A-labels.

    RFC 5321 §2.4 lets the local part tell cases apart; no server in use does, and people do not write them alike.

    >>> folded("<Bob@B\u00fccher.example>")
    'bob@xn--bcher-kva.example'
    """
    bare = address.strip().removeprefix("<").removesuffix(">")
    if bare.isascii():
        return bare.casefold()
    local, at, domain = bare.rpartition("@")
    return f"{local.casefold()}{at}{a_labels(domain) or domain.casefold()}"


def spellings(address: str) -> tuple[str, ...]:
    """Return what an address may be written as, where it is looked for: its domain in A-labels, or not (RFC 6531).

    >>> spellings("Bob@xn--bcher-kva.example")
    ('bob@xn--bcher-kva.example', 'bob@b\u00fccher.example')
    """
    whole = folded(address)
    local, at, domain = whole.rpartition("@")
    return (whole, f"{local}@{u_labels(domain)}") if at and "xn--" in domain else (whole,)


def at_time(query: Query, window: timedelta) -> Query:
    """Fill in `after` and `before` from `around`, where they are not given."""
    if query.around is None:
        return query
    return replace(
        query,
        after=query.after or query.around - window,
        before=query.before or query.around + window,
    )


def like(query: Query, message: Message, name: str) -> Query:
    """Ask for the message that a copy of it names; what is given beside it stays."""
    to = tuple(box.address for box in (*message.to, *message.cc) if box.address)
    known = query.message_ids or ((bracketed(message.message_id),) if message.message_id else ())
    return replace(
        query,
        message_ids=known,
        # Where the Message-ID is known the addresses only say whose answer is wanted.
        senders=query.senders or tuple(box.address for box in message.from_[:1] if box.address),
        recipients=query.recipients or tuple(dict.fromkeys(to)),
        subject=query.subject or (None if known else message.subject),
        around=query.around or message.date,
        like=name,
        sent=sent_of(message),
    )


_UNITS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(\d{1,6})\s{0,3}(sec|min|[smhdw])")


def duration(text: str) -> timedelta:
    """Read `2h`, `30m`, `1d12h`. Raises ValueError.

    >>> duration("1h30m")
    datetime.timedelta(seconds=5400)
    """
    words = text.strip().lower()
    parts = _DURATION.findall(words)
    if not parts or _DURATION.sub("", words).strip():
        raise ValueError(f"not a duration such as 2h, 30m or 1d: {text!r}")
    return timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in parts))


def moment(text: str, zone: tzinfo) -> datetime:
    """Read a time, in the zone unless it has one: ISO 8601, or as in a Date field. Raises ValueError.

    >>> moment("2026-10-20 10:00", UTC).isoformat()
    '2026-10-20T10:00:00+00:00'
    """
    words = text.strip()
    try:
        time = datetime.fromisoformat(words)
    except ValueError:
        time = _as_in_a_field(words, zone)
    try:
        return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError as fault:
        raise ValueError(f"not a time that can be: {text!r}") from fault


def _as_in_a_field(words: str, zone: tzinfo) -> datetime:
    wrong = ValueError(f"not a time such as '2026-10-20 10:00': {words!r}")
    try:
        parts = parsedate_tz(words[:100])
    except (ValueError, TypeError, IndexError):
        parts = None
    if parts is None:
        raise wrong
    try:
        time = datetime(*parts[:6], tzinfo=UTC)
        if parts[9] is None or not re.search(r":\d\d\s*(?:[+-]\d|[A-Za-z])", words):
            return time.replace(tzinfo=zone)
        return time - timedelta(seconds=parts[9])
    except (ValueError, OverflowError):
        raise wrong from None
