"""Which of Postfix's processes has which connection under TLS, and what the delivery line of 3.11 says of it.

The parameters stand on a line of their own (`smtp_tls_loglevel = 1`), before the delivery that used them, and have its
process id only. A client process has one connection for one message, and writes again when it takes another (`reused`:
one that scache(8) kept, over which another process may have sent before); a server process has one client until the
next `connect from`. After a connection is lost the same message may be sent again in clear, to the same server.
"""

import re
from collections import OrderedDict
from datetime import datetime, timedelta
from functools import lru_cache

from mailtrace.delivery.events import ServerTrust
from mailtrace.delivery.logs.entries import Entry, decode
from mailtrace.records import Struct, replace
from mailtrace.transport.statements import read_comment
from mailtrace.transport.tls import logged_tls
from mailtrace.transport.types import TLSInfo

PROCESSES = 4096
"""Processes that are remembered; the oldest is forgotten."""
_HOUR = timedelta(hours=1)
SLACK = timedelta(seconds=3)
"""Times are whole seconds in many logs, and `delays=` has two digits."""

# Untrusted TLS connection established to mx.example.net[192.0.2.1]:25: TLSv1.3 with cipher ... (256/256 bits) ...
# Anonymous TLS connection established from mx.example.net[192.0.2.1] to the.name.it.asked.for: TLSv1.3 with ...
_ESTABLISHED = re.compile(
    r"(?:(\w+) )?TLS connection (established|reused) (?:from|to) ([^\s\[\]]*\[[^\]\s]*\])(?::\d+)?(?: to [^\s:]+)?: "
    r"(TLSv.*|SSLv.*)"
)
# connect from mx.example.com[192.0.2.1]; disconnect from mx.example.com[192.0.2.1] ehlo=1 quit=1 commands=2
_ENDED = re.compile(r"(?:dis)?connect from ")
# may, may?, may:none, dane/requiretls, dane/!requiretls:nostarttls
_CLIENT = re.compile(r"(?:\w+ )?TLS connection established to \S+: (?:TLS|SSL)v")
_FEATURES = re.compile(r"([a-z-]+)(\?)?(?::([a-z-]+)(\?)?)?(?:/|$)")


class Connection(Struct, frozen=True, kw_only=True):
    """A connection under TLS."""

    peer: str
    """`name[address]`."""
    tls: TLSInfo
    trust: ServerTrust | None
    line: int | None
    """Where that is said."""
    time: datetime | None
    is_reused: bool
    """It was made for a message before."""
    queue_id: str | None = None
    """The message that it was taken for."""


Process = tuple[str | None, str, str | None]
"""Host, program and process id."""


def _process(entry: Entry) -> Process:
    """Servers that share a log have process ids of their own."""
    return entry.host, entry.program, entry.pid


class Connections:
    """The last connection of each process."""

    def __init__(self) -> None:
        self._of: OrderedDict[Process, Connection] = OrderedDict()

    def note(self, entry: Entry) -> bool:
        """Take notice of a line on a connection; False if it is none."""
        key = _process(entry)
        if match := _ESTABLISHED.match(entry.message):
            tls = _parameters(match[4])
            self._of.pop(key, None)
            if tls is not None:
                self._of[key] = Connection(
                    peer=match[3],
                    tls=tls,
                    trust=_trust(match[1]),
                    line=entry.source.line,
                    time=entry.time,
                    is_reused=match[2] == "reused",
                )
            if len(self._of) > PROCESSES:
                self._of.popitem(last=False)
            return True
        if _ENDED.match(entry.message):
            self._of.pop(key, None)
            return True
        return False

    def of_client(self, entry: Entry, peer: str) -> Connection | None:
        """Return the connection that a server process has with a client."""
        connection = self._of.get(_process(entry))
        return connection if connection is not None and connection.peer == peer else None

    def taken(self, process: Process, message: bytes) -> None:
        """Take notice of a delivery, to whomever: the connection that its process had was for its message."""
        connection = self._of.get(process)
        if connection is not None and connection.queue_id is None and f"relay={connection.peer}".encode() in message:
            self._of[process] = replace(connection, queue_id=decode(message.partition(b":")[0]))

    def lost(self, entry: Entry) -> None:
        """Forget the connection of a client process: what it sends next goes over another one."""
        self._of.pop(_process(entry), None)

    def of_delivery(
        self, entry: Entry, queue_id: str, relay: str, *, since: datetime | None, is_reused: bool
    ) -> Connection | None:
        """Return the connection over which a client process handed a message to a relay.

        `since`: when it began to connect; what was established before is not the connection that it made then.
        `is_reused`: it made none (`conn_use=2`); a connection that was kept in clear writes no line at all.
        """
        key = _process(entry)
        connection = self._of.get(key)
        if connection is None or not relay.startswith(connection.peer):
            return None
        if connection.is_reused != is_reused:
            return None
        if since is not None and connection.time is not None and connection.time < since - SLACK:
            return None
        if connection.queue_id is None:
            self._of[key] = connection = replace(connection, queue_id=queue_id)
        return connection if connection.queue_id == queue_id else None


# How lines of a client process begin (smtp(8), lmtp(8) and the TLS library; those of debugging are not among them).
_KNOWN = re.compile(
    rb"[0-9A-Za-z]{5,24}: |(?:\w+ )?TLS connection (?:established|reused) to \S+: (?:TLS|SSL)v|connect to \S+|warning: "
    rb"|error: |fatal: |panic: |statistics: |SSL_connect error |setting up TLS connection |initializing the client-"
    rb"|(?:server )?certificate |Host offered STARTTLS: |using DANE |[^\s\[\]]+\[[^\s\[\]]+\](?::\d+)?: "
)


def knows_client(message: bytes) -> bool:
    """Say whether a client process writes such lines.

    >>> knows_client(b"connect to mx.example.org[192.0.2.1]:25: Connection refused"), knows_client(b"Untrusted TLS c")
    (True, False)
    """
    return _KNOWN.match(message) is not None


class Proxies:
    """Which servers' tlsproxy(8) makes connections, and whether it writes of them.

    With `smtp_tls_connection_reuse` a client process writes of TLS that tlsproxy made, whatever `smtp_tls_loglevel` is,
    and of none that it made itself. tlsproxy writes as that says, so that its silence shows.
    """

    def __init__(self) -> None:
        self._made: dict[str | None, datetime] = {}
        self._wrote: dict[str | None, datetime] = {}

    def note(self, host: str | None, time: datetime, message: str) -> None:
        """Take notice of a line of tlsproxy."""
        if len(self._made) + len(self._wrote) > PROCESSES:
            self._made.clear()
            self._wrote.clear()
        if message.startswith("CONNECT to "):
            self._made[host] = time
        elif shows_client_tls(message):
            self._wrote[host] = time

    def are_silent(self, host: str | None, time: datetime) -> bool:
        """Tell whether connections are made there, about that time, of which tlsproxy does not write."""
        made, wrote = (times.get(host) for times in (self._made, self._wrote))
        return made is not None and time - made < _HOUR and (wrote is None or time - wrote >= _HOUR)


def connecting_since(time: datetime | None, delays: tuple[float, float, float, float] | None) -> datetime | None:
    """Return when the client process began to connect: the last two of `delays=` before the delivery was written."""
    if time is None or delays is None:
        return None
    try:
        return time - timedelta(seconds=delays[2] + delays[3])
    except OverflowError:  # numbers that no delay has
        return None


def shows_client_tls(message: str) -> bool:
    """Say whether a client process writes that it has TLS now. `reused` is written whatever `smtp_tls_loglevel` is.

    >>> shows_client_tls("Untrusted TLS connection established to mx.example.org[192.0.2.1]:25: TLSv1.3 with ...")
    True
    """
    return _CLIENT.match(message) is not None


def features(text: str | None) -> bool | None:
    """Say whether Postfix 3.11's `tls=` shows encryption; None where there is none, or it ends in doubt.

    >>> features("dane"), features("may:none"), features("may?")
    (True, False, None)
    """
    match = _FEATURES.match(text or "")
    if match is None or match[2] or match[4]:
        return None
    return (match[3] or match[1]) != "none"


def _trust(word: str | None) -> ServerTrust | None:
    return ServerTrust(word.lower()) if word and word.lower() in set(ServerTrust) else None


@lru_cache(maxsize=256)
def _parameters(text: str) -> TLSInfo | None:
    statement = read_comment(f"using {text}")
    return logged_tls(statement) if statement else None


_VERIFYING = frozenset({"verify", "secure", "fingerprint", "dane-only"})


def trust_of(text: str | None) -> ServerTrust | None:
    """Say what the level in 3.11's `tls=` tells of the certificate: some levels send only where it is the right one.

    `dane` does not tell: without usable TLSA records it is less.

    >>> trust_of("secure").value, trust_of("dane"), trust_of("secure?")
    ('verified', None, None)
    """
    match = _FEATURES.match(text or "")
    if match is None or match[2] or match[4]:
        return None
    return ServerTrust.VERIFIED if (match[3] or match[1]) in _VERIFYING else None
