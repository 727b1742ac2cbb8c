"""One question to one server, and its response: UDP and TCP (RFC 1035 §4.2), DNS over TLS (RFC 7858).

A transport raises when there is no response: OSError where the server cannot be reached or closes the connection,
`dns.exception.Timeout` or TimeoutError where it is silent, another DNSException where it talks nonsense.
"""

import mailtrace.resolver._dnspython  # noqa: F401, I001 - before dnspython
import dns.exception
import dns.flags
import dns.inet
import dns.message
import dns.query
import ssl
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol as Interface

from mailtrace.errors import ResolverError
from mailtrace.resolver.address import ServerAddress

UDP_PAYLOAD = 1232
"""Octets of a UDP response at the most (RFC 6891 §6.2.5): what arrives unfragmented everywhere."""


class Transport(Interface):
    """A way to one server."""

    label: str
    """The server's address, for people."""
    repeats: bool
    """True where a question can get lost and is worth asking again before its time is over."""

    def exchange(self, query: dns.message.QueryMessage, timeout: float, /) -> dns.message.Message:
        """Return the response to this query within so many seconds."""

    def close(self) -> None:
        """Let go of connections."""


class PlainTransport:
    """DNS over UDP, and over TCP where the answer is truncated."""

    repeats = True

    def __init__(self, host: str, port: int = 53) -> None:
        self._host = host
        self._port = port
        self.label = host if port == 53 else (f"[{host}]:{port}" if ":" in host else f"{host}:{port}")

    def exchange(self, query: dns.message.QueryMessage, timeout: float, /) -> dns.message.Message:
        """Ask over UDP, then, where the answer does not fit, over TCP."""
        expires = time.time() + timeout  # the clock that dnspython's deadlines are on
        try:
            return self._over_udp(query, expires)
        except dns.message.Truncated:
            left = max(expires - time.time(), 0.0)
            return dns.query.tcp(query, self._host, timeout=left, port=self._port)

    def _over_udp(self, query: dns.message.QueryMessage, expires: float) -> dns.message.Message:
        # A connected socket, unlike dnspython's own: only so does the system tell us that nobody listens there.
        destination = dns.inet.low_level_address_tuple((self._host, self._port))
        with socket.socket(dns.inet.af_for_address(self._host), socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.connect(destination)
            dns.query.send_udp(sock, query, None, expires)
            response: dns.message.Message = dns.query.receive_udp(
                sock, None, expires, raise_on_truncation=True, ignore_errors=True, query=query
            )[0]
            return response

    def close(self) -> None:
        """Do nothing: no connection outlives its question."""


class Endpoint:
    """A host and port; a host name is looked up once, by the system, for the resolver's own name is not evidence."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._found: tuple[str, ...] = (host,) if dns.inet.is_address(host.partition("%")[0]) else ()

    def addresses(self, timeout: float) -> tuple[str, ...]:
        """Return the addresses, in the system's order. Raises OSError if there are none, or none in time."""
        if not self._found:
            self._found = self._look_up(timeout)
        return self._found

    def _look_up(self, timeout: float) -> tuple[str, ...]:
        found: list[str] = []

        def look_up() -> None:
            with suppress(OSError, UnicodeError):
                rows = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
                found.extend(dict.fromkeys(str(row[4][0]) for row in rows))

        # the system's lookup takes no timeout
        thread = threading.Thread(target=look_up, daemon=True)
        thread.start()
        thread.join(timeout)
        if not found:
            raise OSError(f"the host {self._host!r} is not found")
        return tuple(found)


class TLSTransport:
    """DNS over TLS. The certificate must be for the server's name; connections are used again (RFC 7858 §3.4)."""

    repeats = False

    def __init__(self, address: ServerAddress, context: ssl.SSLContext) -> None:
        self.label = address.text
        self._port = address.port
        self._endpoint = Endpoint(address.host, address.port)
        self._server_name = address.server_name
        self._context = context
        self._idle: list[ssl.SSLSocket] = []

    def exchange(self, query: dns.message.QueryMessage, timeout: float, /) -> dns.message.Message:
        """Ask over an idle connection, or a new one."""
        expires = time.monotonic() + timeout
        with suppress(IndexError):
            sock = self._idle.pop()
            # an idle connection that the server has closed meanwhile says nothing about the server
            with suppress(OSError, EOFError):
                return self._ask(sock, query, timeout)
        return self._ask(self._connect(expires), query, expires - time.monotonic())

    def _ask(self, sock: ssl.SSLSocket, query: dns.message.QueryMessage, timeout: float) -> dns.message.Message:
        try:
            response = dns.query.tcp(query, "", timeout=max(timeout, 0.0), sock=sock)
        except BaseException:
            sock.close()
            raise
        self._idle.append(sock)
        return response

    def _connect(self, expires: float) -> ssl.SSLSocket:
        trouble: OSError | None = None
        for host in self._endpoint.addresses(expires - time.monotonic()):
            try:
                return self._handshake(host, expires)
            except OSError as fault:
                trouble = trouble or fault
        raise trouble or OSError("no address")

    def _handshake(self, host: str, expires: float) -> ssl.SSLSocket:
        # a timeout of 0 would mean "do not block"
        raw = socket.create_connection((host, self._port), timeout=max(expires - time.monotonic(), 0.001))
        try:
            sock = self._context.wrap_socket(raw, server_hostname=self._server_name)
        except BaseException:
            raw.close()
            raise
        sock.setblocking(False)
        return sock

    def close(self) -> None:
        """Close idle connections."""
        while self._idle:
            self._idle.pop().close()


def tls_context(authority: str | Path | None) -> ssl.SSLContext:
    """Trust the system's certificate authorities, or, where a file is given, that one alone.

    Raises ResolverError if the file cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=authority)
    except OSError as fault:  # ssl.SSLError is one
        raise ResolverError(f"no certificate authority to be read: {str(authority)!r}: {fault.strerror}") from fault
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
