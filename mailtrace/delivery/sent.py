"""What was sent, as its sender's own copy says: what a report brings back is compared with it. Pure."""

import re
from datetime import datetime

from mailtrace.message.types import Message
from mailtrace.records import Struct

_B = re.compile(r"(?:\A|;)b=([A-Za-z0-9+/=]{40,4000})(?:;|\Z)")


class Sent(Struct, frozen=True, kw_only=True):
    """The fields of a sent message that may come back with a report. Every None: it has none."""

    author: str | None
    to: tuple[str, ...]
    subject: str | None
    date: datetime | None
    """UTC."""
    signatures: frozenset[str]
    """`b=` of its DKIM signatures, without white space."""


def sent_of(message: Message) -> Sent:
    """Return what of a sent message is compared with what comes back."""
    data = (signature_data(one.value) for one in message.all("DKIM-Signature"))
    return Sent(
        author=next((box.address for box in message.from_ if box.address), None),
        to=tuple(box.address for box in (*message.to, *message.cc) if box.address),
        subject=message.subject,
        date=message.date,
        signatures=frozenset(one for one in data if one is not None),
    )


def signature_data(value: str) -> str | None:
    """Return `b=` of a DKIM-Signature without its white space (RFC 6376 §3.5); None if there is none to speak of."""
    match = _B.search(re.sub(r"\s+", "", value[:8000]))
    return match[1] if match else None
