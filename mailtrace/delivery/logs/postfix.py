"""Postfix: what its daemons write of a message (postfix.org, the man page of each; DEBUG_README).

smtpd and pickup take it in, cleanup names its Message-ID, qmgr queues it, and a delivery agent (smtp, lmtp, local,
virtual, pipe, error, discard) writes one line for each recipient and try. `bounce` says under which id it was returned.
All join by queue id, short (`4F2A1C0B3D`) or long (`4QpZ0y1xYzz9`). With several instances the name in front of the
slash differs (`postfix-out/smtp`), with several services there are more slashes (`postfix/submission/smtpd`).
"""

import re
from datetime import datetime
from types import MappingProxyType

from mailtrace.delivery.events import Event, EventKind
from mailtrace.delivery.logs import replies
from mailtrace.delivery.logs.entries import Entry, SaidOfTransport, decode, mailbox, named, number, whole
from mailtrace.delivery.logs.postfix_smtpd import accepted, envelope, refused
from mailtrace.delivery.logs.postfix_tls import (
    Connection,
    Connections,
    Proxies,
    connecting_since,
    features,
    shows_client_tls,
    trust_of,
)

_ID = r"([0-9A-Za-z]{5,24})"
# A quoted local part may hold anything (RFC 5321 §4.1.2).
_ADDRESS = r'<(?:"(?:[^"\\]|\\.)*"@[^>]*|[^>]*)>'
_AGENTS = frozenset({"smtp", "lmtp", "local", "virtual", "pipe", "error", "retry", "discard", "relay", "bounce"})
_DELIVERING = frozenset(service.encode() for service in _AGENTS - {"error", "retry", "bounce"})
_SERVERS = frozenset({"smtpd", "postscreen"})
_SERVICES = _AGENTS | _SERVERS | {"cleanup", "qmgr", "nqmgr", "oqmgr", "pickup", "postsuper"}
_WANTED = frozenset(service.encode() for service in _SERVICES)

# 4QpZ0y1xYzz9: to=<bob@example.org>, orig_to=<info@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=1.2,
# delays=0.1/0/0.5/0.6, tls=may, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 153053D)
_DELIVERY = re.compile(
    _ID + rf": to=({_ADDRESS}|[^,\s]+)(?:, orig_to=({_ADDRESS}|[^,\s]+))?, (.*?), status=([\w-]+) \((.*)\)?$"
)
# How lines begin that have an end which is known.
_TO = re.compile(rb"[0-9A-Za-z]{5,24}: to=<")
_FROM = re.compile(rb"[0-9A-Za-z]{5,24}: from=<")
_NAMED = re.compile(rb"[0-9A-Za-z]{5,24}: message-id=<")
_CIPHER = re.compile(rb": (?:TLS|SSL)v[\d.]+ with cipher \S+ \(\d+/\d+ bits\)")
_QUEUES = frozenset({b"qmgr", b"nqmgr", b"oqmgr"})
_QUEUED = re.compile(_ID + rf": from=({_ADDRESS}), size=(\d+), nrcpt=(\d+) \(queue active\)")
_EXPIRED = re.compile(_ID + r": from=(<[^>]*>), status=((?:force-)?expired), (returned to sender)")
_MESSAGE_ID = re.compile(_ID + r": message-id=(\S.*)$")
_SUBJECT = re.compile(
    _ID + r": (?:warning|info): header [Ss]ubject: (.*) from (?:local|([^\s\[\]]*\[[^\]\s]*\]))(;.*)$"
)
_PICKED_UP = re.compile(_ID + r": uid=\d+ from=<([^>]*)>(?: orig_id=([0-9A-Za-z]+))?")
_NOTICE = re.compile(_ID + r": ((?:sender|postmaster) [a-z -]* ?notification): ([0-9A-Za-z]+)$")
_SAID = re.compile(
    _ID
    + r": (?:(?:host|SASL authentication failed; server) ([^\s\[\]]*\[[^\]\s]*\]) (?:said|refused to talk to me): (.*)"
    r"|((?:lost connection|conversation) with ([^\s\[\]]*\[[^\]\s]*\]) .*))$"
)
_POSTSUPER = re.compile(_ID + r": (removed|requeued|placed on hold|released from hold)$")
_RELAY_PORT = re.compile(r"(?<=\]):\d+$")
_FORWARDED = re.compile(r"forwarded as ([0-9A-Za-z]+)")

_FATES = MappingProxyType(
    {
        "deferred": EventKind.DEFERRED,
        "SOFTBOUNCE": EventKind.DEFERRED,
        "bounced": EventKind.BOUNCED,
        "expired": EventKind.BOUNCED,
    }
)
"""`deliverable` and `undeliverable` are of address probes (ADDRESS_VERIFICATION_README): no message."""
_POSTSUPER_KINDS = MappingProxyType(
    {
        "removed": EventKind.FILTERED,
        "requeued": EventKind.QUEUED,
        "placed on hold": EventKind.QUARANTINED,
        "released from hold": EventKind.QUEUED,
    }
)
_MAILBOX_PROGRAMS = re.compile(r"\b(?:procmail|maildrop|dovecot|dovecot-lda|deliver|cyrus|cyrdeliver|lmtp)\b")


class Postfix:
    """Reads Postfix's lines; remembers which process has which connection under TLS."""

    def __init__(self) -> None:
        self._connections = Connections()
        self._proxies = Proxies()

    @staticmethod
    def is_own(front: bytes, service: bytes) -> bool:
        """Say whether a program is Postfix's: `postfix/smtp`, and with a `syslog_name` of any kind `mailout/smtp`."""
        return service in _WANTED or front.startswith(b"postfix")

    @staticmethod
    def sends(service: bytes) -> bool:
        """Say whether that part of it delivers anything."""
        return service in _DELIVERING

    def wants(self, service: bytes, message: bytes) -> bool:
        """See `Program`."""
        if service == b"smtpd":
            return b": client=" in message or b"onnect" in message or b"ject" in message or b"; from=<" in message
        if service in {b"smtp", b"lmtp", b"relay"}:
            marks = (b" status=", b" TLS connection ", b" said: ", b" with ", b" refused ")
            return any(mark in message for mark in marks)
        return service in _WANTED and not message.startswith((b"warning: ", b"statistics: ", b"CONNECT ", b"PASS "))

    def breaks_off(self, service: bytes, message: bytes) -> bool:
        """See `Program`."""
        if service in _DELIVERING:
            if b" TLS connection " in message[:40]:
                return _CIPHER.search(message) is None
            return _TO.match(message) is not None and b", status=" not in message
        if service == b"cleanup":
            return _NAMED.match(message) is not None and not message.endswith(b">")
        return service in _QUEUES and _FROM.match(message) is not None and not message.endswith((b")", b"sender"))

    def events(self, entry: Entry, service: str) -> tuple[Event, ...]:
        """See `Program`."""
        if service in _SERVERS:
            return self._server(entry, service)
        if service in _AGENTS:
            return self._agent(entry, service)
        if service == "cleanup":
            return _cleanup(entry)
        if service == "postsuper":
            return _postsuper(entry)
        return _queue(entry)

    def shows_client_tls(self, host: str | None, service: bytes, time: datetime | None, message: str) -> bool:
        """Say whether a line shows that its program writes of all the TLS that it has."""
        if time is None:
            return False
        if service == b"tlsproxy":
            self._proxies.note(host, time, message)
            return False
        return shows_client_tls(message) and not self._proxies.are_silent(host, time)

    def delivered(self, host: str | None, program: str, pid: bytes | None, message: bytes) -> None:
        """Take notice of a delivery that nobody asks for: its connection is no other message's."""
        self._connections.taken((host, program, decode(pid) if pid else None), message)

    def _server(self, entry: Entry, service: str) -> tuple[Event, ...]:
        if self._connections.note(entry):
            return ()
        return accepted(entry, self._connections) or refused(entry, postscreen=service == "postscreen")

    def _agent(self, entry: Entry, service: str) -> tuple[Event, ...]:
        if self._connections.note(entry):
            return ()
        if match := _DELIVERY.match(entry.message):
            return self._delivery(entry, service, match)
        if match := _NOTICE.match(entry.message):
            return (entry.event(EventKind.DSN, queue_id=match[1], reply=match[2], next_queue_id=match[3]),)
        if match := _SAID.match(entry.message):
            reply = match[3] or match[4] or ""
            if match[4]:
                self._connections.lost(entry)
            return (_tried(entry, match[1], reply, match[2] or match[5]),)
        return ()

    def _delivery(self, entry: Entry, service: str, match: re.Match[str]) -> tuple[Event, ...]:
        queue_id, fields = match[1], _fields(match[4])
        reply = match[6].removesuffix(")")
        kind = _sent(service, fields.get("relay", ""), reply) if match[5] == "sent" else _FATES.get(match[5])
        if kind is None:
            return ()
        if kind is EventKind.DEFERRED and replies.is_greylisting(reply):
            kind = EventKind.GREYLISTED
        relay = fields.get("relay", "")
        delays = _delays(fields.get("delays"))
        since, is_reused = connecting_since(entry.time, delays), "conn_use" in fields
        connection = self._connections.of_delivery(entry, queue_id, relay, since=since, is_reused=is_reused)
        event = entry.event(
            kind,
            queue_id=queue_id,
            recipient=mailbox(match[2]),
            original_recipient=mailbox(match[3]) if match[3] else None,
            next_queue_id=_next_id(kind, reply),
            peer=_RELAY_PORT.sub("", relay) if "[" in relay else None,
            status=fields.get("dsn"),
            reply=reply,
            delay_seconds=number(fields.get("delay")),
            delays=delays,
            **_transport(connection, fields.get("tls")),
        )
        return (event,)


def _transport(connection: Connection | None, level: str | None) -> SaidOfTransport:
    """Say whether a transfer was encrypted: what the delivery's own line says (3.11) counts before what is joined."""
    encrypted = features(level)
    if encrypted is False:
        return {"encrypted": False}
    if connection is None:
        return {"encrypted": encrypted, "server_trust": trust_of(level)}
    trust = connection.trust or trust_of(level)
    return {"encrypted": True, "tls": connection.tls, "server_trust": trust, "tls_line": connection.line}


def _sent(service: str, relay: str, reply: str) -> EventKind:
    """Say what a successful delivery was: to a mailbox here, to another server, or into nothing."""
    if service == "discard" or reply.startswith(("delivered to file: /dev/null", "delivered to command: /dev/null")):
        return EventKind.FILTERED
    if replies.is_discarded(reply):
        return EventKind.FILTERED
    if replies.is_returned(reply):
        return EventKind.BOUNCED
    if service in {"smtp", "relay"} or "queued as" in reply or reply.startswith("forwarded as"):
        return EventKind.RELAYED
    # Mailman 3 takes what is for its lists over LMTP as well (its manual, `lmtp_port`).
    if service == "lmtp" and relay.endswith("]:8024"):
        return EventKind.RELAYED
    # RFC 2033 §1: LMTP is for the last step, into the mailboxes.
    if service in {"lmtp", "virtual"}:
        return EventKind.DELIVERED
    handed_to = relay if service == "pipe" else reply.partition("delivered to command: ")[2]
    if handed_to and not _MAILBOX_PROGRAMS.search(handed_to):
        return EventKind.RELAYED
    return EventKind.DELIVERED


def _next_id(kind: EventKind, reply: str) -> str | None:
    if kind not in {EventKind.RELAYED, EventKind.DELIVERED}:
        return None
    forwarded = _FORWARDED.match(reply)
    return forwarded[1] if forwarded else replies.next_queue_id(reply)


def _fields(text: str) -> dict[str, str]:
    """Read `relay=..., delay=..., dsn=...`."""
    found: dict[str, str] = {}
    for part in text.split(", "):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(name, value)
    return found


def _delays(text: str | None) -> tuple[float, float, float, float] | None:
    parts = [number(part) for part in (text or "").split("/")]
    if len(parts) != 4:
        return None
    before, queue, connect, transfer = parts
    if before is None or queue is None or connect is None or transfer is None:
        return None
    return before, queue, connect, transfer


def _tried(entry: Entry, queue_id: str, reply: str, peer: str) -> Event:
    """One of several servers refused or was lost: the next one is tried, and the recipient's line comes then."""
    kind = EventKind.GREYLISTED if replies.is_greylisting(reply) else EventKind.DEFERRED
    return entry.event(kind, queue_id=queue_id, reply=reply or None, peer=peer, status=replies.status(reply))


def _cleanup(entry: Entry) -> tuple[Event, ...]:
    if match := _MESSAGE_ID.match(entry.message):
        return (entry.event(EventKind.QUEUED, queue_id=match[1], message_id=named(match[2])),)
    if match := _SUBJECT.match(entry.message):
        _, sender, recipient = envelope(match[4])
        kind = EventKind.QUEUED
        return (
            entry.event(kind, queue_id=match[1], subject=match[2], sender=sender, recipient=recipient, peer=match[3]),
        )
    return refused(entry, cleanup=True)


def _queue(entry: Entry) -> tuple[Event, ...]:
    """Read what qmgr, pickup write."""
    if match := _QUEUED.match(entry.message):
        sender = mailbox(match[2])
        size, count = whole(match[3]), whole(match[4])
        return (entry.event(EventKind.QUEUED, queue_id=match[1], sender=sender, size=size, taken_for=count),)
    if match := _EXPIRED.match(entry.message):
        sender = mailbox(match[2])
        reply = f"{match[3]}, {match[4]}"
        return (entry.event(EventKind.BOUNCED, queue_id=match[1], sender=sender, reply=reply),)
    if match := _PICKED_UP.match(entry.message):
        sender = match[2] or "<>"
        return (entry.event(EventKind.SUBMITTED, queue_id=match[1], sender=sender, previous_queue_id=match[3]),)
    return ()


def _postsuper(entry: Entry) -> tuple[Event, ...]:
    """Read what an administrator did to the queue; a message removed was delivered to nobody."""
    match = _POSTSUPER.match(entry.message)
    if match is None:
        return ()
    return (entry.event(_POSTSUPER_KINDS[match[2]], queue_id=match[1], reply=f"{match[2]} by postsuper"),)
