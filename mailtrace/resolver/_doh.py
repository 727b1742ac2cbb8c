"""DNS over HTTPS (RFC 8484). The one door of the HTTP client, imported only where an https:// resolver was asked for.

The client takes nothing from the environment (no proxy, no .netrc) and follows no redirection: a resolver that was
named is asked, or nobody is.
"""

import mailtrace.resolver._dnspython  # noqa: F401, I001 - before dnspython
import dns.message
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

try:
    import httpx2 as http_client
except ImportError:  # dnspython[doh] before 2.9 brought this one
    import httpx as http_client  # type: ignore[no-redef]

from mailtrace.resolver.address import ServerAddress
from mailtrace.resolver.transports import Endpoint

_MEDIA_TYPE = "application/dns-message"
_MOST_CLIENTS = 8
"""Connections at a time; servers bound them, too: unbound takes ten of all its clients together, if not told else."""
_LONGEST = 65535
"""Octets of a DNS message at the most."""


class HTTPSTransport:
    """DNS over HTTPS, over HTTP/2 where the server speaks it (RFC 8484 §5.2)."""

    repeats = False

    def __init__(self, address: ServerAddress, context: ssl.SSLContext) -> None:
        self.label = address.text
        self._address = address
        self._endpoint = Endpoint(address.host, address.port)
        self._clients = _Clients(context)

    def exchange(self, query: dns.message.QueryMessage, timeout: float, /) -> dns.message.Message:
        """Send the query, as a POST, and read the response."""
        expires = time.monotonic() + timeout
        query.id = 0  # RFC 8484 §4.1: SHOULD be 0
        try:
            octets = self._post(query.to_wire(), expires)
        except http_client.TimeoutException as fault:
            raise TimeoutError(str(fault)) from fault
        except http_client.HTTPError as fault:
            raise OSError(str(fault) or type(fault).__name__) from fault
        response = dns.message.from_wire(octets)
        if not query.is_response(response):
            raise OSError("the response is to another question")
        return response

    def _post(self, wire: bytes, expires: float) -> bytes:
        trouble: Exception | None = None
        for host in self._endpoint.addresses(expires - time.monotonic()):
            try:
                return self._post_to(host, wire, expires)
            except http_client.ConnectError as fault:
                trouble = trouble or fault
        raise trouble or OSError("no address")

    def _post_to(self, host: str, wire: bytes, expires: float) -> bytes:
        with (
            self._clients.one(expires - time.monotonic()) as client,
            client.stream("POST", self._url(host), **self._request(wire, expires)) as response,
        ):
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if response.status_code != 200:
                raise OSError(f"HTTP status {response.status_code}")
            if kind != _MEDIA_TYPE:
                raise OSError(f"not a DoH server: the response is {kind[:60]!r}")
            return _read(response, expires)

    def _url(self, host: str) -> str:
        return f"https://{_in_url(host)}:{self._address.port}{self._address.path}"

    def _request(self, wire: bytes, expires: float) -> dict[str, Any]:
        # The host is looked up by us, within the deadline; the certificate is checked for the name in the address.
        return {
            "content": wire,
            "headers": {"host": self._authority(), "accept": _MEDIA_TYPE, "content-type": _MEDIA_TYPE},
            "extensions": {"sni_hostname": self._address.server_name},
            "timeout": max(expires - time.monotonic(), 0.001),
        }

    def _authority(self) -> str:
        host = _in_url(self._address.host)
        return host if self._address.port == 443 else f"{host}:{self._address.port}"

    def close(self) -> None:
        """Close the client's connections."""
        self._clients.close()


class _Clients:
    """HTTP clients, each for one thread at a time: over HTTP/2, httpcore compresses header fields without a lock."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._idle: list[http_client.Client] = []
        self._lock = threading.Lock()
        self._free = threading.Semaphore(_MOST_CLIENTS)

    @contextmanager
    def one(self, seconds: float) -> Iterator[http_client.Client]:
        """Give one that nobody uses; it keeps its connection for who is next. Raises TimeoutError if all are in use."""
        if not self._free.acquire(timeout=max(seconds, 0)):
            raise TimeoutError("all connections are in use")
        try:
            with self._taken() as client:
                yield client
        finally:
            self._free.release()

    @contextmanager
    def _taken(self) -> Iterator[http_client.Client]:
        with self._lock:
            client = self._idle.pop() if self._idle else None
        client = client or http_client.Client(http2=True, verify=self._context, trust_env=False, follow_redirects=False)
        try:
            yield client
        finally:
            with self._lock:
                self._idle.append(client)

    def close(self) -> None:
        """Close those that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for client in idle:
            client.close()


def _read(response: Any, expires: float) -> bytes:
    octets = bytearray()
    for part in response.iter_bytes():
        octets += part
        if len(octets) > _LONGEST:
            raise OSError("the response is longer than a DNS message can be")
        if time.monotonic() > expires:
            raise TimeoutError("the response took too long")
    return bytes(octets)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
