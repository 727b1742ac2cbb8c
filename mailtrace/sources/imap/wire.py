"""The wire: what a server sends, read within bounds of octets and time, whatever it announces.

The standard library's client reads as much as a server says that it will send. This one stops: a line, a literal and
the answer to a command are each bounded in octets, and every answer, and the whole session, in seconds.
"""

import imaplib
import ipaddress
import re
import socket
import ssl
import time
from typing import Any

from mailtrace.sources.imap.url import is_loopback

MAX_ANSWER = 8 << 20
"""Octets of the answer to one command, where no other number is set."""
MAX_SESSION = 1 << 30
"""Octets of everything that is read from one server."""
ANSWER_TIMES = 4
"""How many times the timeout the whole answer to one command may take, where no other number is set."""
MAX_SECONDS = 3600.0
"""Of a session."""
_CHUNK = 1 << 16
_UNASKED = re.compile(rb"\d{1,20} \(FLAGS \([^()]*\)(?: MODSEQ \(\d{1,20}\))?\)", re.IGNORECASE)


class BoundedIMAP(imaplib.IMAP4):
    """The standard library's client with a reader of its own."""

    def __init__(self, host: str, port: int, *, context: ssl.SSLContext | None, timeout: float) -> None:
        """Connect. `context`: TLS from the first octet; None: in clear, for STARTTLS or this machine."""
        self._context = context
        self._limit = timeout
        self._held = bytearray()
        self._source: Any = None
        self._all = 0
        self._started = time.monotonic()
        self.expect(MAX_ANSWER)
        super().__init__(host, port)

    def expect(self, octets: int, times: int = ANSWER_TIMES) -> None:
        """Bound the next answer, in octets and in time (how many times the timeout)."""
        now = time.monotonic()
        self._left = octets
        self._until = min(now + times * self._limit, self._started + MAX_SECONDS)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        del timeout
        sock = socket.create_connection((self.host, self.port), self._limit)
        try:
            self._look_at_peer(sock)
            return sock if self._context is None else self._context.wrap_socket(sock, server_hostname=self.host)
        except BaseException:
            sock.close()
            raise

    def _look_at_peer(self, sock: socket.socket) -> None:
        """Refuse a localhost that is another machine: what is said in clear is said to this one only."""
        if self._context is None and is_loopback(self.host):
            address = str(sock.getpeername()[0]).partition("%")[0]
            if not ipaddress.ip_address(address).is_loopback:
                raise self.abort(f"{self.host} is not this machine")

    def read(self, size: int) -> bytes:
        """Read a literal; raises if it is larger than what may still come."""
        self._look_at_source()
        if size > self._left + len(self._held):
            raise self.abort(f"a literal of {size} octets was announced: too large")
        while len(self._held) < size:
            self._more()
        return self._take(size)

    def readline(self) -> bytes:
        """Read a line with its end; raises if it is longer than what may still come."""
        self._look_at_source()
        searched = 0
        while (end := self._held.find(b"\n", searched)) < 0:
            searched = len(self._held)
            self._more()
        return self._take(end + 1)

    def _untagged_response(self, typ: Any, dat: Any, name: str) -> tuple[Any, list[Any]]:
        """Leave out what the server tells unasked (RFC 3501 §7.4.2): it names a message by its number, and no UID.

        imapclient would take the number for a UID, and the flags for those of another message.
        """
        typ, data = super()._untagged_response(typ, dat, name)  # type: ignore[misc]  # typeshed lacks it
        if name == "FETCH":
            data = [one for one in data if not (isinstance(one, bytes) and _UNASKED.fullmatch(one))] or [None]
        return typ, data

    def _take(self, size: int) -> bytes:
        octets = bytes(self._held[:size])
        del self._held[:size]
        return octets

    def _look_at_source(self) -> None:
        """Refuse what came in clear before TLS began: whoever stands in between may have written it (RFC 8314 §3)."""
        if self.sock is not self._source:
            if self._held:
                raise self.abort("octets in clear before TLS began")
            self._source = self.sock

    def _more(self) -> None:
        remaining = self._until - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("timed out")
        self.sock.settimeout(min(self._limit, remaining))
        chunk = self.sock.recv(_CHUNK)
        if not chunk:
            raise self.abort("the connection was closed")
        self._left -= len(chunk)
        self._all += len(chunk)
        if self._left < 0:
            raise self.abort("an answer that is too large")
        if self._all > MAX_SESSION:
            raise self.abort(f"more than {MAX_SESSION} octets in one session")
        self._held += chunk
