"""Sendmail: `from=` and `to=` lines, refusals, and STARTTLS (Sendmail Installation and Operation Guide, section 2.1).

    5AKA01bc012345: from=<ann@example.com>, size=1234, nrcpts=1, msgid=<AbC@example.com>, proto=ESMTPS, relay=...
    5AKA01bc012345: to=<bob@example.org>, delay=00:00:01, mailer=esmtp, relay=mx.example.org. [192.0.2.1], dsn=2.0.0,
    stat=Sent (Ok: queued as 153053D)

The TLS parameters stand on a line of their own (`STARTTLS=client, relay=...`), before the delivery of the same process.
"""

import re
from collections import OrderedDict
from datetime import datetime, timedelta
from types import MappingProxyType

from mailtrace.delivery.events import REFUSALS, Event, EventKind, ServerTrust
from mailtrace.delivery.logs import replies
from mailtrace.delivery.logs.entries import Entry, SaidOfTransport, mailbox, named, number, whole
from mailtrace.records import Mutable
from mailtrace.transport.statements import read_comment
from mailtrace.transport.tls import logged_tls
from mailtrace.transport.types import TLSInfo

_PROCESSES = 4096
_KEPT = timedelta(minutes=5)
"""How long a process keeps a connection that it does not use (`O ConnectionCacheTimeout`, as delivered)."""
CLIENT_TLS = "STARTTLS=client, relay="
"""How a line begins that shows TLS of a connection that it made."""
_ID = re.compile(r"([0-9A-Za-z]{8,24}): ")
_ID_TO = re.compile(rb"[0-9A-Za-z]{8,24}: to=")
_FIELD = re.compile(r"(?:^|, )([a-z_]{2,12}|stat|arg\d)=")
_STARTTLS = re.compile(r"STARTTLS=(client|server), relay=([^,]*), (version=.*)$")
_NOTICE = re.compile(r"([0-9A-Za-z]{8,24}): (DSN|sender notify|postmaster notify|return to sender): (.*)$")
_MILTER = re.compile(
    r"Milter: (?:[\w-]+, )?(?:to=(<[^<>]*>), |from=(<[^<>]*>), |data, |)(reject|discard|quarantine)(?:=(.*))?$"
)
_DELAY = re.compile(r"(?:(\d+)\+)?(\d\d):(\d\d):(\d\d)$")
_LOCAL = frozenset({"local", "procmail", "cyrus", "cyrusv2", "cyrusv2d", "lmtp", "dovecot", "maildrop", "*file*"})
_TRUST = MappingProxyType(
    {
        "OK": ServerTrust.TRUSTED,
        "TRUSTED": ServerTrust.VERIFIED,
        "FAIL": ServerTrust.UNTRUSTED,
        "NO": ServerTrust.ANONYMOUS,
    }
)


_KNOWN = re.compile(rb"[0-9A-Za-z]{8,24}: |STARTTLS=(?:client|server), |AUTH=|NOQUEUE: |ruleset=|tls_\w+: ")


def knows_sendmail(message: bytes) -> bool:
    """Say whether Sendmail writes such lines."""
    return _KNOWN.match(message) is not None


class _Connection(Mutable, kw_only=True):
    """A connection under TLS. A process keeps it, and sends what else it has for the same server over it."""

    relay: str
    tls: TLSInfo
    trust: ServerTrust | None
    line: int | None
    used: datetime | None
    """When it was established, or last sent over; None of one that a client made, which it ends itself."""


class Sendmail:
    """Reads Sendmail's lines; remembers which process has which connection under TLS."""

    def __init__(self) -> None:
        self._connections: OrderedDict[tuple[str | None, str | None], _Connection] = OrderedDict()

    def wants(self, service: bytes, message: bytes) -> bool:
        """See `Program`."""
        del service
        return any(
            mark in message
            for mark in (b": from=", b": to=", b"STARTTLS=", b"reject=", b": Milter: ", b"DSN: ", b"notify: ")
        )

    def breaks_off(self, service: bytes, message: bytes) -> bool:
        """See `Program`."""
        del service
        if message.startswith(b"STARTTLS="):
            return b"error" not in message and b"bits=" not in message
        return _ID_TO.match(message) is not None and b", stat=" not in message

    def events(self, entry: Entry, service: str) -> tuple[Event, ...]:
        """See `Program`."""
        del service
        if entry.message.startswith("STARTTLS="):
            self._note(entry, _STARTTLS.match(entry.message))
            return ()
        match = _ID.match(entry.message)
        if match is None:
            return _ruleset(entry, None, entry.message)
        queue_id, text = match[1], entry.message[match.end() :]
        if text.startswith("from="):
            return (self._arrival(entry, queue_id, _fields(text)),)
        if text.startswith("to="):
            return self._deliveries(entry, queue_id, _fields(text))
        if notice := _NOTICE.match(text):
            return (entry.event(EventKind.DSN, queue_id=queue_id, next_queue_id=notice[1], reply=notice[3]),)
        if milter := _MILTER.match(text):
            return (_by_milter(entry, queue_id, milter),)
        return _ruleset(entry, queue_id, text)

    def _note(self, entry: Entry, match: re.Match[str] | None) -> None:
        key = entry.host, entry.pid
        self._connections.pop(key, None)
        # What a comment of a Received field says, with commas. Without one, it is an error: there is no TLS then.
        statement = read_comment(match[3].replace(", ", " ")) if match else None
        if match is not None and statement is not None:
            trust = _TRUST.get(_fields(match[3]).get("verify", "")) if match[1] == "client" else None
            self._connections[key] = _Connection(
                relay=match[2].partition(" ")[0].rstrip("."),
                tls=logged_tls(statement),
                trust=trust,
                line=entry.source.line,
                used=entry.time if match[1] == "client" else None,
            )
        if len(self._connections) > _PROCESSES:
            self._connections.popitem(last=False)

    def _transport(self, entry: Entry, relay: str) -> SaidOfTransport:
        """Say over what a process sent, or what a client sent over."""
        connection = self._connections.get((entry.host, entry.pid))
        if connection is None or relay.partition(" ")[0].rstrip(".") != connection.relay:
            return {}
        if entry.time is not None and connection.used is not None and entry.time - connection.used > _KEPT:
            return {}
        if connection.used is not None:
            connection.used = entry.time
        return {
            "tls": connection.tls,
            "server_trust": connection.trust,
            "encrypted": True,
            "tls_line": connection.line,
        }

    def _arrival(self, entry: Entry, queue_id: str, fields: dict[str, str]) -> Event:
        relay = fields.get("relay", "")
        is_own = relay.rpartition("@")[2].startswith("localhost") or relay == "" or "auth" in fields
        return entry.event(
            EventKind.SUBMITTED if is_own else EventKind.ACCEPTED,
            queue_id=queue_id,
            sender=mailbox(fields.get("from", "")),
            message_id=named(fields.get("msgid")),
            peer=_peer(relay),
            size=whole(fields.get("size")),
            taken_for=whole(fields.get("nrcpts")),
            **self._transport(entry, relay),
        )

    def _deliveries(self, entry: Entry, queue_id: str, fields: dict[str, str]) -> tuple[Event, ...]:
        said, relay = fields.get("stat", ""), fields.get("relay", "")
        kind = _kind(said, fields)
        reply = said.partition("(")[2].removesuffix(")") if said.startswith("Sent (") else said
        transport = self._transport(entry, relay)
        known = f"250 {reply}" if said.startswith("Sent (") else reply
        control = fields.get("ctladdr", "").partition(" ")[0]
        if control and fields.get("to", "").startswith(("/", '"/', '"|', "|")):
            # A file or a program of somebody's: the recipient is who it was for.
            kind = EventKind.FILTERED if fields["to"].strip('"') == "/dev/null" else kind
            said, fields = f"{said} {fields['to']}", {**fields, "to": control}
        return tuple(
            entry.event(
                kind,
                queue_id=queue_id,
                recipient=mailbox(recipient),
                sender=mailbox(control) if control else None,
                control=mailbox(control) if "@" in control and mailbox(control) != mailbox(recipient) else None,
                next_queue_id=replies.next_queue_id(known) or replies.next_queue_id(f"250 2.0.0 {reply}")
                if kind in {EventKind.RELAYED, EventKind.DELIVERED}
                else None,
                peer=_peer(relay),
                status=fields.get("dsn"),
                reply=said or None,
                delay_seconds=_seconds(fields.get("delay", "")),
                **transport,
            )
            for recipient in fields.get("to", "").split(",")[:100]
        )


def _fields(text: str) -> dict[str, str]:
    """Read `from=..., size=..., stat=...`; `stat` takes the rest of the line, which may hold anything."""
    found: dict[str, str] = {}
    places = list(_FIELD.finditer(text))
    for place, after in zip(places, [*places, None][1:], strict=True):
        name = place[1]
        if name in {"stat", "reject"}:
            found.setdefault(name, text[place.end() :])
            break
        found.setdefault(name, text[place.end() : after.start() if after else len(text)])
    return found


def _kind(said: str, fields: dict[str, str]) -> EventKind:
    if said.startswith("Sent"):
        return EventKind.DELIVERED if fields.get("mailer") in _LOCAL else EventKind.RELAYED
    if said.startswith("queued"):
        return EventKind.QUEUED
    if said.startswith("quarantined"):
        return EventKind.QUARANTINED
    if said.startswith("Deferred") or fields.get("dsn", "").startswith("4"):
        return EventKind.GREYLISTED if replies.is_greylisting(said) else EventKind.DEFERRED
    return EventKind.BOUNCED


def _ruleset(entry: Entry, queue_id: str | None, text: str) -> tuple[Event, ...]:
    """Read `ruleset=check_rcpt, arg1=<bob@example.org>, relay=..., reject=550 5.7.1 ...`."""
    fields = _fields(text)
    said = fields.get("reject")
    if said is None or "ruleset" not in fields:
        return ()
    about = mailbox(fields["arg1"]) if "arg1" in fields else None
    is_sender = fields["ruleset"] == "check_mail"
    event = entry.event(
        _refusal(said),
        queue_id=queue_id,
        sender=about if is_sender else None,
        recipient=about if fields["ruleset"] == "check_rcpt" else None,
        of_client=True,
        peer=_peer(fields.get("relay", "")),
        status=replies.status(said),
        reply=said,
    )
    return (event,)


def _by_milter(entry: Entry, queue_id: str, match: re.Match[str]) -> Event:
    said = match[4] or ""
    kinds = {"discard": EventKind.FILTERED, "quarantine": EventKind.QUARANTINED}
    kind = kinds.get(match[3]) or _refusal(said)
    return entry.event(
        kind,
        queue_id=queue_id,
        recipient=mailbox(match[1]) if match[1] else None,
        of_client=kind in REFUSALS,
        sender=mailbox(match[2]) if match[2] else None,
        status=replies.status(said),
        reply=said or None,
    )


def _refusal(said: str) -> EventKind:
    if replies.is_greylisting(said):
        return EventKind.GREYLISTED
    return EventKind.DEFERRED if said.startswith("4") else EventKind.REJECTED


def _peer(relay: str) -> str | None:
    """Read `mx.example.org. [192.0.2.1]`, `root@localhost`, `[192.0.2.1] (may be forged)`."""
    name, bracket, address = relay.removesuffix(" (may be forged)").partition("[")
    if not bracket:
        return None
    return f"{name.strip().rstrip('.')}[{address.partition(']')[0]}]"


def _seconds(text: str) -> float | None:
    match = _DELAY.match(text)
    if match is None:
        return None
    days, hours, minutes, rest = (number(part) or 0.0 for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest
