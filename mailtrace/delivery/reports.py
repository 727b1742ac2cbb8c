"""Reports: bounces and other notices on delivery (DSN, RFC 3464), and receipts (MDN, RFC 8098).

The machine-readable parts are read as they are; bounces without them by `bounces`. The one place where the standard
library takes messages apart: these are small, and what is read of them is bounded.
"""

import email
import re
from datetime import datetime
from email.message import Message
from typing import BinaryIO

from mailtrace.delivery import bounces
from mailtrace.delivery.events import Event, EventKind, Line
from mailtrace.delivery.query import bracketed
from mailtrace.delivery.report_fields import MAX_VALUE, address, content, groups, of_message, recipients, typed
from mailtrace.message.encoded import decode_words
from mailtrace.path.dates import read_date
from mailtrace.records import Struct

MAX_SIZE = 1 << 20
"""Octets of a report that are read."""
MAX_PARTS = 100
MAX_FATES = 500
"""Recipients of one report."""


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
    """One report. Anybody can write one: it is a claim until something else bears it out."""

    kind: EventKind
    """DSN or MDN."""
    time: datetime | None
    """When it was written, as it says."""
    reporter: str | None
    """The server, or the mail program, that reports."""
    message_id: str | None
    """Of the message that it speaks of, with its angle brackets."""
    envelope_id: str | None
    subject: str | None
    """Of the message that it speaks of."""
    fates: tuple[Fate, ...]
    is_structured: bool
    """It has the machine-readable part."""
    source: Line

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
    return "; ".join(f"{name}: {value}" for name, value in parts if value)[:MAX_VALUE]


_MARKS = re.compile(
    rb"multipart/report|report-type=|^return-path:[ \t]*(?:<>|<mailer-daemon[^>\n]*>|\r?$)|^auto-submitted:|"
    rb"^x-failed-recipients:|"
    rb"^from:[^\n]{0,200}(?:mailer-daemon|post_?master|mail deliver|ndr|no-?reply)|"
    rb"^subject:[^\n]{0,100}(?:undeliver|deliver|return|fail|bounce)",
    re.IGNORECASE | re.MULTILINE,
)


def looks_like_a_report(head: bytes) -> bool:
    """Tell from the beginning of a message whether it may be a report: a guess that errs on the side of yes."""
    ends = [at for at in (head.find(b"\n\n"), head.find(b"\n\r\n")) if at >= 0]
    return _MARKS.search(head[: min(ends, default=len(head))]) is not None


def read_report(file: BinaryIO, source: Line) -> Report | None:
    """Read a report; None for what is none. Never raises for what is malformed."""
    file.seek(0)
    octets = file.read(MAX_SIZE)
    try:
        message = email.message_from_bytes(octets)
        parts = _parts(message)
        inner = _inside(parts)
        return _read(inner, _parts(inner), source) if inner is not None else _read(message, parts, source)
    except (RecursionError, LookupError, ValueError, TypeError, AttributeError):
        # The standard library gives up on some malformed messages in many ways; then nothing was reported.
        return None


def _parts(message: Message) -> list[Message]:
    """Give the parts that are no containers, but not those of a message that is returned."""
    waiting: list[Message] = [message]
    found: list[Message] = []
    while waiting and len(found) < MAX_PARTS:
        part = waiting.pop(0)
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
            waiting[:0] = list(_children(part))[:MAX_PARTS]
        else:
            found.append(part)
    return found


def _inside(parts: list[Message]) -> Message | None:
    """Return a report that a filter, or a person, passed on within another message."""
    for part in parts:
        inner = _children(part)[:1] if part.get_content_type() == "message/rfc822" else []
        if inner and inner[0].get_content_type() == "multipart/report" and not _is_report(parts):
            return inner[0]
    return None


def _is_report(parts: list[Message]) -> bool:
    return any(part.get_content_subtype() in ("delivery-status", "disposition-notification") for part in parts)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _read(message: Message, parts: list[Message], source: Line) -> Report | None:
    status = next((part for part in parts if part.get_content_subtype() == "delivery-status"), None)
    receipt = next((part for part in parts if part.get_content_subtype() == "disposition-notification"), None)
    returned = _returned(parts)
    original = returned or {}
    if receipt is not None:
        fields = [pair for group in groups(receipt) for pair in group]
        return _receipt(message, dict(reversed(fields)), original, source)
    fates: tuple[Fate, ...] = ()
    reporter = envelope_id = None
    if status is not None:
        found = groups(status)
        reporter, envelope_id = of_message(found)
        fates = tuple(_fate(group) for group in recipients(found))[:MAX_FATES]
    if fates:
        return _report(message, original, fates, source, reporter=reporter, envelope_id=envelope_id)
    bounce = bounces.read(message, parts)
    if bounce is None:
        return None
    fates = tuple(
        Fate(recipient=one, action=bounce.action, status=bounce.status, diagnostic=bounce.diagnostic)
        for one in bounce.recipients
    )
    merged = {**bounce.original, **original}
    return _report(message, merged, fates, source, reporter=bounce.reporter, is_structured=False)


def _report(
    message: Message,
    original: dict[str, str],
    fates: tuple[Fate, ...],
    source: Line,
    *,
    reporter: str | None,
    envelope_id: str | None = None,
    is_structured: bool = True,
) -> Report:
    named = original.get("message-id") or _first_id(_text(message, "In-Reply-To") or _text(message, "References"))
    subject = original.get("subject")
    return Report(
        kind=EventKind.DSN,
        time=read_date(_text(message, "Date") or "").at,
        reporter=reporter,
        message_id=bracketed(named) if named else None,
        envelope_id=envelope_id,
        subject=decode_words(subject) if subject else None,
        fates=fates,
        is_structured=is_structured,
        source=source,
    )


def _receipt(message: Message, fields: dict[str, str], original: dict[str, str], source: Line) -> Report:
    """Read a receipt. RFC 8098 §3.2.6: `manual-action/MDN-sent-manually; displayed`, with modifiers behind a slash."""
    _, _, disposition = fields.get("disposition", "").partition(";")
    action = disposition.partition("/")[0].strip().lower() or None
    named = fields.get("original-message-id") or original.get("message-id")
    fate = Fate(
        recipient=address(fields.get("final-recipient")),
        original_recipient=address(fields.get("original-recipient")),
        action=action,
        status=None,
        diagnostic=fields.get("failure") or fields.get("error"),
    )
    return Report(
        kind=EventKind.MDN,
        time=read_date(_text(message, "Date") or "").at,
        reporter=fields.get("reporting-ua"),
        message_id=bracketed(named) if named else None,
        envelope_id=None,
        subject=original.get("subject"),
        fates=(fate,),
        is_structured=True,
        source=source,
    )


def _fate(fields: dict[str, str]) -> Fate:
    status = re.match(r"[245]\.\d{1,3}\.\d{1,3}", fields.get("status", ""))
    return Fate(
        recipient=address(fields.get("final-recipient")) or address(fields.get("original-recipient")),
        original_recipient=address(fields.get("original-recipient")),
        action=fields.get("action", "").split(";")[0].split("(")[0].strip().lower() or None,
        status=status[0] if status else None,
        diagnostic=typed(fields.get("diagnostic-code")),
        remote_mta=typed(fields.get("remote-mta")),
        time=read_date(fields.get("last-attempt-date", "")).at,
    )


def _returned(parts: list[Message]) -> dict[str, str] | None:
    """Return the fields of the message, or of the header section, that came back with the report."""
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner = _children(part)
            if inner:
                return _fields(inner[0])
        if kind in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers", "message/global"):
            return _fields(email.message_from_string(content(part).lstrip("\n")))
    return None


def _fields(message: Message) -> dict[str, str]:
    named = ((name, _text(message, name)) for name in ("message-id", "subject", "to", "date"))
    return {name: value for name, value in named if value}


def _text(message: Message, name: str) -> str | None:
    value = message.get(name)
    return None if value is None else " ".join(str(value).split())[:MAX_VALUE] or None


def _first_id(value: str | None) -> str | None:
    found = re.search(r"<[^<>\s]{1,900}>", value or "")
    return found[0] if found else None
