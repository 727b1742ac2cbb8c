"""Reports: bounces and other notices on delivery (DSN, RFC 3464), and receipts (MDN, RFC 8098).

The machine-readable parts are read as they are; bounces without them by `bounces`. The one place where the standard
library takes messages apart: these are small, and what is read of them is bounded.
"""

import email
import re
from email.message import Message
from email.parser import BytesHeaderParser
from typing import BinaryIO

from mailtrace.delivery import bounces
from mailtrace.delivery.events import EventKind, Line
from mailtrace.delivery.logs.entries import named as identity
from mailtrace.delivery.query import bracketed
from mailtrace.delivery.report_fields import address, groups, of_message, recipients, typed
from mailtrace.delivery.report_types import Fate, Report
from mailtrace.delivery.returned import addresses_in, returned_of, text
from mailtrace.path.dates import read_date
from mailtrace.records import replace

MAX_SIZE = 1 << 20
"""Octets of a report that are read."""
MAX_PARTS = 100
MAX_FATES = 500
"""Recipients of one report."""

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


def header_says_report(head: bytes) -> bool:
    """Tell from a header section alone whether a message is worth reading: narrower than `looks_like_a_report`."""
    try:
        message = email.message_from_bytes(head)
        return message.get_content_type() == "multipart/report" or bounces.by_its_header(message)
    except (RecursionError, LookupError, ValueError, TypeError, AttributeError):
        return True


def read_report(file: BinaryIO, source: Line) -> Report | None:
    """Read a report; None for what is none. Never raises for what is malformed."""
    file.seek(0)
    octets = file.read(MAX_SIZE)
    try:
        message = email.message_from_bytes(octets)
        parts = _parts(message)
        inner = _inside(parts)
        if inner is None:
            return _read(message, parts, source)
        report = _read(inner, _parts(inner), source)
        return None if report is None else replace(report, is_passed_on=True)
    except (RecursionError, LookupError, ValueError, TypeError, AttributeError):
        # The standard library gives up on some malformed messages in many ways; then nothing was reported.
        return None


def field_names(octets: bytes) -> list[str]:
    """Return the names of the header fields as they are read here, in lower case and in order.

    The standard library ends a line at a lone CR, too (RFC 5322 §2.3 forbids those): what is verified has to be what
    is read.
    """
    return [name.strip().lower() for name in BytesHeaderParser().parsebytes(octets)]


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
    if receipt is not None:
        fields = [pair for group in groups(receipt) for pair in group]
        return _receipt(message, parts, dict(reversed(fields)), source)
    fates: tuple[Fate, ...] = ()
    reporter = envelope_id = None
    if status is not None:
        found = groups(status)
        reporter, envelope_id = of_message(found)
        fates = tuple(_fate(group) for group in recipients(found))[:MAX_FATES]
    returned = returned_of(parts, {})
    is_structured, names_nobody = bool(fates), False
    if not fates:
        bounce = bounces.read(message, parts)
        if bounce is None:
            return None
        reporter, returned = bounce.reporter, returned_of(parts, bounce.original)
        names_nobody = bounce.names_nobody
        fates = tuple(
            Fate(recipient=one, action=bounce.action, status=bounce.status, diagnostic=bounce.diagnostic)
            for one in bounce.recipients
        )
    # RFC 5322 §3.6.4: of References the last is what is answered; the others are what that one answered.
    named = _ids(text(message, "In-Reply-To"))[:1] or _ids(text(message, "References"))[-1:]
    return Report(
        kind=EventKind.DSN,
        time=read_date(text(message, "Date") or "").at,
        reporter=reporter,
        message_id=returned.message_id or (bracketed(named[0]) if named else None),
        is_named_inside=returned.message_id is not None,
        envelope_id=envelope_id,
        subject=returned.subject,
        to=addresses_in(text(message, "To")),
        returned=returned,
        fates=fates,
        is_structured=is_structured,
        names_nobody=names_nobody,
        source=source,
    )


def _receipt(message: Message, parts: list[Message], fields: dict[str, str], source: Line) -> Report:
    """Read a receipt. RFC 8098 §3.2.6: `manual-action/MDN-sent-manually; displayed`, with modifiers behind a slash."""
    _, _, disposition = fields.get("disposition", "").partition(";")
    action = disposition.partition("/")[0].strip().lower() or None
    returned = returned_of(parts, {})
    original = fields.get("original-message-id")
    fate = Fate(
        recipient=address(fields.get("final-recipient")),
        original_recipient=address(fields.get("original-recipient")),
        action=action,
        status=None,
        diagnostic=fields.get("failure") or fields.get("error"),
    )
    return Report(
        kind=EventKind.MDN,
        time=read_date(text(message, "Date") or "").at,
        reporter=fields.get("reporting-ua"),
        message_id=identity(original) or returned.message_id,
        is_named_inside=True,
        envelope_id=None,
        subject=returned.subject,
        to=addresses_in(text(message, "To")),
        returned=returned,
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


def _ids(value: str | None) -> list[str]:
    return re.findall(r"<[^<>\s]{1,900}>", value or "")
