"""Envelope senders that were rewritten, read back: SRS, BATV, VERP, and what large forwarders write.

A forwarder that kept the envelope sender would fail SPF, so it puts a domain of its own there and keeps the address it
replaced inside the local part. None of these schemes has an RFC; they are read as their published descriptions say. All
of it is what the forwarder wrote, and its hash is checked by nobody but itself: what is read back is a claim.
"""

import re
from datetime import UTC, date, datetime, timedelta
from enum import unique

from mailtrace.enums import StrEnum
from mailtrace.patterns import lazy
from mailtrace.records import Struct

LIMIT = 500
"""Characters of an envelope sender that are looked at; RFC 5321 §4.5.3.1.3 allows 256."""


@unique
class Rewriting(StrEnum):
    """How an envelope sender was rewritten."""

    SRS0 = "srs0"  # the first forwarder
    SRS1 = "srs1"  # a further forwarder, which keeps the first one's address
    EXCHANGE_SRS = "exchange-srs"  # Exchange Online: user+SRS=hash=time=domain=local@forwarder
    GMAIL_FORWARD = "gmail-forward"  # user+caf_=recipient=domain@domain
    BATV = "batv"  # prvs=: the sender's own mark against faked bounces
    VERP = "verp"  # a list or mailer puts the recipient into its own address


class RewrittenPath(Struct, frozen=True, kw_only=True):
    """What a rewritten envelope sender says of itself. Every None: it does not say."""

    kind: Rewriting
    original: str | None
    """The envelope sender that was replaced, or (`batv`) is marked."""
    recipient: str | None
    """The address that it was sent or forwarded to, where that is what was put in."""
    by: str
    """The domain that rewrote it, in lower case."""
    account: str | None
    """`gmail-forward`: the account that forwards."""
    first: str | None
    """`srs1`: the forwarder before it."""
    on: date | None
    """The day that its mark names, read as the last such day before the reception; UTC."""


_SRS0 = lazy(r"SRS0[-+=]([^=]{1,64})=([A-Z2-7]{2})=([^=]{1,255})=(.{1,64})", re.IGNORECASE)
_SRS1 = lazy(
    r"SRS1[-+=]([^=]{1,64})=([^=]{1,255})=[-+=]([^=]{1,64})=([A-Z2-7]{2})=([^=]{1,255})=(.{1,64})", re.IGNORECASE
)
_EXCHANGE = lazy(r"[^+]{1,64}\+SRS=([^=]{1,64})=([A-Z2-7]{2})=([^=]{1,255})=(.{1,64})", re.IGNORECASE)
_GMAIL = lazy(r"([^+]{1,64})\+caf_=([^=]{1,64})=(.{1,255})", re.IGNORECASE)
# `prvs=` as published, and in Barracuda's spelling; the tag is a digit, a day in three digits and six of a hash.
_BATV = lazy(r"(?:prvs=\d(\d{3})[0-9a-f]{6}=(.{1,64})|btv1==[0-9a-z]{1,64}==(.{1,64}))", re.IGNORECASE)
# The local part before the recipient is the list's own: `dev-bounces`, `owner-dev`, `b.12345`.
_VERP = lazy(r"[^+=]{1,100}[+-]([^=+]{1,64})=((?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,63})", re.IGNORECASE)

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SRS_DAYS = 1024
"""An SRS time is a day in two letters of base 32, and begins anew after so many."""
_BATV_DAYS = 1000
_EPOCH = date(1970, 1, 1)


def read_back(mail_from: str | None, received_at: datetime | None = None) -> RewrittenPath | None:
    """Read a rewritten envelope sender; None where it is written in no form that is known.

    >>> read_back("SRS0=abcd=ZZ=example.org=ann@forwarder.example").original
    'ann@example.org'
    """
    local, at, domain = (mail_from or "")[:LIMIT].rpartition("@")
    if not at or "=" not in local or not domain:  # every form has one
        return None
    day = received_at.astimezone(UTC).date() if received_at else None
    return _srs(local, domain.lower(), day) or _other(local, domain.lower(), day)


def _srs(local: str, by: str, day: date | None) -> RewrittenPath | None:
    first: str | None = None
    if found := _SRS1.fullmatch(local):
        kind, first, (stamp, domain, user) = Rewriting.SRS1, found[2].lower(), found.group(4, 5, 6)
    elif found := _SRS0.fullmatch(local):
        kind, (stamp, domain, user) = Rewriting.SRS0, found.group(2, 3, 4)
    elif found := _EXCHANGE.fullmatch(local):
        kind, (stamp, domain, user) = Rewriting.EXCHANGE_SRS, found.group(2, 3, 4)
    else:
        return None
    return RewrittenPath(
        kind=kind,
        original=f"{user}@{domain.lower()}",
        recipient=None,
        by=by,
        account=None,
        first=first,
        on=_last_day(_base32(stamp), _SRS_DAYS, day),
    )


def _other(local: str, by: str, day: date | None) -> RewrittenPath | None:
    if found := _GMAIL.fullmatch(local):
        recipient = f"{found[2]}@{found[3].lower()}"
        return _path(Rewriting.GMAIL_FORWARD, by, recipient=recipient, account=f"{found[1]}@{by}")
    if found := _BATV.fullmatch(local):
        # The mark expires some days later than it was made, and names that day.
        expires = _last_day(int(found[1]), _BATV_DAYS, day + timedelta(days=30) if day else None) if found[1] else None
        return _path(Rewriting.BATV, by, original=f"{found[2] or found[3]}@{by}", on=expires)
    if found := _VERP.fullmatch(local):
        return _path(Rewriting.VERP, by, recipient=f"{found[1]}@{found[2].lower()}")
    return None


def _path(
    kind: Rewriting,
    by: str,
    *,
    original: str | None = None,
    recipient: str | None = None,
    account: str | None = None,
    on: date | None = None,
) -> RewrittenPath:
    return RewrittenPath(kind=kind, original=original, recipient=recipient, by=by, account=account, first=None, on=on)


def _base32(letters: str) -> int:
    upper = letters.upper()
    return _BASE32.index(upper[0]) * 32 + _BASE32.index(upper[1])


def _last_day(number: int, cycle: int, before: date | None) -> date | None:
    """Return the last day up to `before` whose number since 1970 is this, but for whole cycles."""
    if before is None:
        return None
    today = (before - _EPOCH).days
    return before - timedelta(days=(today - number) % cycle) if today >= cycle else None
