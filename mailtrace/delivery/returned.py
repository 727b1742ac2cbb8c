"""What came back with a report: fields of the message that it speaks of, to be compared with what was sent.

Takes what the standard library made of the parts, and for bounces in words the lines that look like a header.
"""

import email
import re
from collections.abc import Mapping, Sequence
from email.message import Message

from mailtrace.delivery.logs.entries import named
from mailtrace.delivery.report_fields import MAX_VALUE, content
from mailtrace.delivery.report_types import Returned
from mailtrace.delivery.sent import signature_data
from mailtrace.message.encoded import decode_words
from mailtrace.path.dates import read_date

MAX_SIGNATURES = 20
_HEADERS = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers", "message/global")
_FIELDS = ("message-id", "from", "to", "subject", "date")
_ADDRESS = re.compile(r"<?([^\s<>\"(),:;]{1,320}@[^\s<>\"(),:;]{1,255})>?")


def returned_of(parts: Sequence[Message], in_words: Mapping[str, str]) -> Returned:
    """Read the message, or the header section, that came back; `in_words`: fields found in a text for people."""
    message = _message(parts)
    found = dict(in_words)
    signatures: frozenset[str] = frozenset()
    if message is not None:
        found |= {name: value for name in _FIELDS if (value := text(message, name))}
        fields = message.get_all("DKIM-Signature", [])[:MAX_SIGNATURES]
        signatures = frozenset(one for one in map(signature_data, map(str, fields)) if one is not None)
    subject = found.get("subject")
    return Returned(
        message_id=_message_id(found.get("message-id")),
        author=address_in(found.get("from")),
        to=found.get("to"),
        subject=decode_words(subject) if subject else None,
        date=read_date(found.get("date", "")).at,
        signatures=signatures,
    )


def _message(parts: Sequence[Message]) -> Message | None:
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/rfc822" and isinstance(payload := part.get_payload(), list):
            inner = [child for child in payload if isinstance(child, Message)]
            if inner:
                return inner[0]
        if kind in _HEADERS:
            return email.message_from_string(content(part).lstrip("\n"))
    return None


def _message_id(value: str | None) -> str | None:
    return named(value)


def address_in(value: str | None) -> str | None:
    """Return the last address of a field: where there is a display name it may look like one, and comes first.

    >>> address_in("ann@bank.example <ann@sender.example>")
    'ann@sender.example'
    """
    found = _ADDRESS.findall(value or "")
    return found[-1] if found else None


MAX_ADDRESSES = 50


def addresses_in(value: str | None) -> tuple[str, ...]:
    """Return the addresses of a field, and what looks like one in a display name."""
    return tuple(_ADDRESS.findall(value or "")[:MAX_ADDRESSES])


def text(message: Message, name: str) -> str | None:
    """Return a field on one line, bounded; None if it is absent or empty."""
    value = message.get(name)
    return None if value is None else " ".join(str(value).split())[:MAX_VALUE] or None
