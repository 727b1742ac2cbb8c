"""Exim: mainlog and rejectlog (exim.org, the specification's chapter "Log files").

    2026-10-20 10:00:00 1vAbCd-000000004Ef-2GhI <= ann@example.com H=mx.example.com [192.0.2.1] P=esmtps S=99 id=...
    2026-10-20 10:00:01 1vAbCd-000000004Ef-2GhI => bob@example.org R=dnslookup T=remote_smtp H=... C="250 OK id=..."

`<=` is an arrival, `=>` a delivery, `->` another recipient of the same delivery, `==` a try that failed for now, `**`
a failure, `*>` a delivery that `-N` suppressed, `>>` one of a cutthrough. A line's fields come in no fixed order, and
which of them is written is configured (`log_selector`).
"""

import re
from types import MappingProxyType

from mailtrace.delivery.events import REFUSALS, Event, EventKind, ServerTrust
from mailtrace.delivery.logs import replies
from mailtrace.delivery.logs.entries import Entry, mailbox, named, whole
from mailtrace.delivery.logs.exim_fields import Fields, seconds, tls_of

LONGEST = 1 << 14
"""Octets of a line that are read: Exim itself writes no more than 8192 (LOG_BUFFER_SIZE)."""
# Before 4.97 a message id is 6-6-2 characters, since then 6-11-4. RFC 5322 dates have no such thing.
ID = r"([0-9A-Za-z]{6}-(?:[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{11}-[0-9A-Za-z]{4}))"
_LINE = re.compile(ID + r" (<=|=>|->|>>|\*>|\*\*|==|\(=|Completed\b|[^ ].*?)(?: (.*))?$", re.DOTALL)
STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: [+-]\d{4})? ")
_PID = re.compile(r"\[\d+(?:\.\d+)?\] ")
_FLAGS = MappingProxyType(
    {
        "=>": EventKind.DELIVERED,
        "->": EventKind.DELIVERED,
        ">>": EventKind.DELIVERED,
        "**": EventKind.BOUNCED,
        "==": EventKind.DEFERRED,
    }
)
_MARKS = (b" <= ", b" => ", b" -> ", b" ** ", b" == ", b" >> ", b" reject", b"SMTP error", b" removed by ", b"rozen")
# F=<ann@example.com> rejected RCPT <bob@example.org>: relay not permitted
_REJECTED = re.compile(
    r"(?:(?:temporarily )?rejected (?:by local_scan|by non-SMTP ACL|MAIL|RCPT|after DATA|DATA|during MIME ACL checks"
    r"|HELO|EHLO or HELO|EHLO|connection|STARTTLS)|discarded)\b"
)
_REJECTING = ("H=", "U=", "F=", "SMTP ", "rejected ", "temporarily ")
_OF_WHOM = re.compile(r" ?(<[^>]*>|[^\s:<]+@[^\s:]+)?(?: ?\([^)]*\))?:? ?(.*)$", re.DOTALL)
_SENDER = re.compile(r"\bF=(<[^>]*>)")
_SMTP_ERROR = re.compile(
    r"SMTP error from remote (?:mail server|mailer) (?:after|in) .{0,400}?: (?:host (\S+) (\[[^\]]+\]): )?(.*)$"
)
_FROZEN = re.compile(r"(?:\*\*\* )?Frozen(?: \([^()]{0,200}\))?$|frozen by \S{1,64}$|Message is frozen$")
_REMOVED = re.compile(r"removed by \S{1,64}$")
_LOCAL = re.compile(r"(?:local_delivery|maildir|mail_spool|appendfile|dovecot|lmtp|procmail|cyrus)", re.IGNORECASE)


_NO_MAILBOX = re.compile(
    r"mailman|majordomo|sympa|mlmmj|ezmlm|vacation|autoreply|spamcheck|spamassassin|amavis|clamav|mailscanner",
    re.IGNORECASE,
)
"""Names of transports that are no mailbox, where nothing but the name tells."""


class Exim:
    """Reads what stands behind the time, in Exim's own files and in syslog."""

    def wants(self, service: bytes, message: bytes) -> bool:
        """See `Program`."""
        del service
        return any(mark in message for mark in _MARKS)

    def breaks_off(self, service: bytes, message: bytes) -> bool:
        """See `Program`: what stands at the end is configured."""
        del service, message
        return False

    def events(self, entry: Entry, service: str) -> tuple[Event, ...]:
        """See `Program`."""
        del service
        text = entry.message[:LONGEST]
        # In syslog the time stands there again, unless it is told not to (`no_syslog_timestamp`).
        for front in (STAMP, _PID):
            if found := front.match(text):
                text = text[found.end() :]
        match = _LINE.match(text)
        if match is None:
            return _rejected(entry, text, None)
        queue_id, flag, rest = match[1], match[2], match[3] or ""
        if flag == "<=":
            return (_arrival(entry, queue_id, rest),)
        if kind := _FLAGS.get(flag):
            # `=> >ann@example.com <bob@example.org> T=autoreply`: an answer that a filter sent, and no delivery.
            return () if rest.startswith(">") else (_delivery(entry, queue_id, kind, rest),)
        return _other(entry, queue_id, text[match.end(1) + 1 :])


def _arrival(entry: Entry, queue_id: str, rest: str) -> Event:
    sender, _, rest = rest.partition(" ")
    fields = Fields(rest)
    tls = tls_of(fields)
    protocol = fields.get("P") or ""
    is_local = fields.peer is None or protocol.startswith("local")
    return entry.event(
        EventKind.SUBMITTED if is_local or fields.get("A") else EventKind.ACCEPTED,
        queue_id=queue_id,
        previous_queue_id=fields.get("R"),
        sender=mailbox(sender),
        recipient=_only(fields.get("for")),
        message_id=named(fields.get("id")),
        peer=fields.peer,
        tls=tls,
        encrypted=_encrypted(fields),
        size=whole(fields.get("S")),
        subject=fields.get("T"),
        taken_for=len(recipients.split()) if (recipients := fields.get("for")) else None,
    )


def _only(recipients: str | None) -> str | None:
    """`for bob@example.org`; of several, none is *the* recipient."""
    names = (recipients or "").split()
    return names[0] if len(names) == 1 else None


def _encrypted(fields: Fields) -> bool | None:
    """Say whether it was. Without `X=` there was no TLS, or log_selector has `-tls_cipher`: this line cannot tell."""
    return True if fields.get("X") else None


def _delivery(entry: Entry, queue_id: str, kind: EventKind, rest: str) -> Event:
    address, original, rest = _addresses(rest)
    fields = Fields(rest)
    reply = fields.get("C") or fields.reason or None
    tls = tls_of(fields)
    folder = None
    if original and address.startswith(("|", "/", ":")):
        # A program, a file or nothing: the recipient is who it was for.
        reply, folder = reply or address, address if address.startswith("/") else None
        kind = _handed(address) if kind is EventKind.DELIVERED else kind
        address, original = original, None
    elif kind is EventKind.DELIVERED:
        kind = _delivered(fields, reply or "")
        if kind is EventKind.RELAYED and fields.peer is None and reply is None:
            reply = f"T={fields.get('T')}"
    elif kind is EventKind.DEFERRED and replies.is_greylisting(reply or ""):
        kind = EventKind.GREYLISTED
    taken = kind in {EventKind.RELAYED, EventKind.DELIVERED}
    return entry.event(
        kind,
        queue_id=queue_id,
        next_queue_id=replies.next_queue_id(reply) if taken and reply else None,
        recipient=address,
        original_recipient=original,
        sender=mailbox(sender) if (sender := fields.get("F")) else None,
        peer=fields.peer,
        folder=folder if kind is EventKind.DELIVERED else None,
        status=replies.status(reply or ""),
        reply=reply,
        tls=tls,
        server_trust=_trust(fields) if tls else None,
        encrypted=_encrypted(fields),
        delay_seconds=seconds(fields.get("QT")),
        size=whole(fields.get("S")),
    )


def _addresses(rest: str) -> tuple[str, str | None, str]:
    """Read `bob <info@example.org> ...`: the address as delivered, the one it came from, what follows.

    >>> _addresses("bob <info@example.org> R=localuser T=local_delivery")
    ('bob', 'info@example.org', 'R=localuser T=local_delivery')
    """
    match = _ADDRESSES.match(rest)
    if match is None:
        return rest[:320], None, ""
    # `** x@nowhere.example: Unrouteable address`: no field stands between the address and the reason.
    if match[0].rstrip().endswith(":"):
        return mailbox(match[1].rstrip(":")), match[2], f": {rest[match.end() :]}"
    return mailbox(match[1]), match[2], rest[match.end() :]


_ADDRESSES = re.compile(r"(\S+|\"[^\"]*\"@\S+)(?: \([^()]*\))?(?: <([^>]*)>)?:?(?: |$)")


def _handed(target: str) -> EventKind:
    """Say what became of a message for `|program`, `/a/file`, `:blackhole:`."""
    if target in {":blackhole:", "/dev/null"}:
        return EventKind.FILTERED
    return EventKind.DELIVERED if target.startswith("/") or _LOCAL.search(target) else EventKind.RELAYED


def _delivered(fields: Fields, reply: str) -> EventKind:
    if replies.is_discarded(reply):
        return EventKind.FILTERED
    if replies.is_returned(reply):
        return EventKind.BOUNCED
    if fields.peer is None:
        return EventKind.RELAYED if _NO_MAILBOX.search(fields.get("T") or "") else EventKind.DELIVERED
    return EventKind.DELIVERED if _LOCAL.search(fields.get("T") or "") else EventKind.RELAYED


def _trust(fields: Fields) -> ServerTrust | None:
    """`CV=yes`: the certificate was verified; with the name, unless tls_verify_cert_hostnames was changed."""
    words = {"dane": ServerTrust.VERIFIED, "yes": ServerTrust.TRUSTED, "no": ServerTrust.UNTRUSTED}
    return words.get(fields.get("CV") or "")


def _other(entry: Entry, queue_id: str, text: str) -> tuple[Event, ...]:
    """Lines on a message that have no flag: a refusal after its content, or one server's answer among several."""
    if match := _SMTP_ERROR.search(text):
        reply = match[3]
        peer = f"{match[1]}{match[2]}" if match[1] else Fields(text[: match.start()]).peer
        kind = EventKind.GREYLISTED if replies.is_greylisting(reply) else EventKind.DEFERRED
        return (entry.event(kind, queue_id=queue_id, peer=peer, reply=reply, status=replies.status(reply)),)
    if match := _FROZEN.match(text):
        return (entry.event(EventKind.DEFERRED, queue_id=queue_id, of_all=True, reply=match[0]),)
    if match := _REMOVED.match(text):
        return (entry.event(EventKind.FILTERED, queue_id=queue_id, reply=match[0]),)
    return _rejected(entry, text, queue_id)


def _rejected(entry: Entry, text: str, queue_id: str | None) -> tuple[Event, ...]:
    """Read `H=... F=<...> rejected RCPT <...>: reason`; `temporarily` and greylisting are not for good."""
    match = _REJECTED.search(text)
    if match is None or (queue_id is None and not text.startswith(_REJECTING)):
        return ()
    of_whom = _OF_WHOM.match(text[match.end() :])
    recipient, reason = (of_whom[1], of_whom[2]) if of_whom else (None, "")
    about_sender = " MAIL" in match[0]
    fields = Fields(text[: match.start()])
    sender = _SENDER.search(text[: match.start()])
    kind = EventKind.DEFERRED if match[0].startswith("temporarily") else EventKind.REJECTED
    if match[0] == "discarded":
        kind = EventKind.FILTERED
    if replies.is_greylisting(reason):
        kind = EventKind.GREYLISTED
    event = entry.event(
        kind,
        queue_id=queue_id,
        of_client=kind in REFUSALS,
        sender=mailbox(sender[1]) if sender else mailbox(recipient) if recipient and about_sender else None,
        recipient=mailbox(recipient) if recipient and not about_sender else None,
        peer=fields.peer,
        tls=tls_of(fields),
        encrypted=True if fields.get("X") else None,
        status=replies.status(reason),
        reply=reason or None,
    )
    return (event,)
