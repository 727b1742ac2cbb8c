r"""The one door to IMAP (imapclient): folders, searches, and octets of messages, of a server that is only ever read.

Folders are opened with EXAMINE and messages read with BODY.PEEK: no flag changes, `\Recent` and `\Seen` included
(RFC 3501 §6.3.2, §6.4.5). Whatever a server sends, nothing but ImapError leaves here.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from mailtrace.sources.imap.access import Access
from mailtrace.sources.imap.names import decoded
from mailtrace.sources.imap.types import Folder, Head, ImapError, Opened
from mailtrace.sources.imap.url import ImapUrl, is_loopback
from mailtrace.sources.imap.wire import ANSWER_TIMES, MAX_ANSWER, BoundedIMAP

MAX_NAME = 1_000
"""Characters of the name of a folder that is opened."""
MAX_HEAD = 1 << 16
"""Octets of a header section that are read."""
BATCH = 50
"""Header sections that are asked for at once."""
SEARCH_TIMES = 20
"""How many times the timeout a search may take: without an index a server reads every message, and says so."""
CHUNK = 1 << 20
"""Octets of a message that are asked for at once."""

_FAULTS = (imaplib.IMAP4.error, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What imaplib and imapclient raise for a server that speaks no IMAP, or does not speak at all."""
_FLAGS = {
    b"\\answered": "R",
    b"\\seen": "S",
    b"\\flagged": "F",
    b"\\deleted": "T",
    b"\\draft": "D",
    b"$forwarded": "P",
}
"""Maildir's letters for them."""


_AROUND = re.compile(r"\A[A-Za-z ]{1,40}(?:failed|command error): |\.? \([\d.]{1,20} \+ [\d. +]{1,60} secs\)\.?\Z")
"""What imapclient puts before the words of a server, and Dovecot behind them."""


class Connection:
    """A session with one server. Not for several threads."""

    def __init__(self, url: ImapUrl, access: Access) -> None:
        """Connect, and log in. Raises ImapError."""
        library = _library()
        self._wire = _connect(url, access)
        try:
            self._client = _speaking(library, self._wire, url, access.timeout)
            _begin(self._client, self._wire, url, access)
        except BaseException:
            self._end()
            raise
        self._is_broken = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._is_broken and kind is None:  # else an answer may still be on its way
            with suppress(*_FAULTS):
                self._wire.expect(1 << 16)
                self._client.logout()
                return
        self._end()

    def _end(self) -> None:
        with suppress(*_FAULTS):
            self._wire.shutdown()

    @contextmanager
    def _asking(self, octets: int = MAX_ANSWER, times: int = ANSWER_TIMES) -> Iterator[Any]:
        """Ask one thing. What the server refuses is told from a session that is at its end."""
        try:
            self._wire.untagged_responses.clear()
            self._wire.expect(octets, times)
            yield self._client
        except (imaplib.IMAP4.abort, OSError) as fault:
            self._is_broken = True
            raise ImapError(_words(fault), is_over=True) from fault
        except _FAULTS as fault:
            raise ImapError(_words(fault)) from fault

    def folders(self) -> tuple[Folder, ...]:
        """List every folder, by name."""
        with self._asking() as client:
            listed = client.list_folders()
            folders = {wire: _folder(wire, attributes) for attributes, _, wire in listed}
        return tuple(folders[wire] for wire in sorted(folders, key=str))

    def examine(self, folder: Folder) -> Opened:
        """Open a folder to be read (RFC 3501 §6.3.2)."""
        name = folder.wire
        if any(one in name for one in "\r\n\0") or not name.isascii() or len(name) > MAX_NAME:
            raise ImapError("its name cannot be sent back to the server")
        with self._asking() as client:
            state = client.select_folder(name, readonly=True)
            return Opened(uid_validity=_number(state.get(b"UIDVALIDITY")), messages=_number(state.get(b"EXISTS")) or 0)

    def search(self, criteria: Sequence[Any]) -> tuple[int, ...]:
        """Return the UIDs of the messages that the criteria fit, newest first."""
        with self._asking(2 * MAX_ANSWER, SEARCH_TIMES) as client:
            return tuple(sorted({uid for uid in client.search(criteria) if 0 < uid < 1 << 32}, reverse=True))

    def heads(self, uids: Sequence[int]) -> Iterator[Head]:
        """Give the header sections of messages, as far as they are read, in the order of the UIDs."""
        items = ["FLAGS", "INTERNALDATE", "RFC822.SIZE", f"BODY.PEEK[HEADER]<0.{MAX_HEAD}>"]
        for at in range(0, len(uids), BATCH):
            batch = uids[at : at + BATCH]
            with self._asking(len(batch) * (MAX_HEAD + 4096) + (1 << 16)) as client:
                heads = [_head(uid, parts) for uid, parts in client.fetch(batch, items).items()]
            yield from (head for head in heads if head is not None)

    def flags(self, uids: Sequence[int]) -> dict[int, str]:
        """Return the flags of those messages that are there, as Maildir's letters."""
        with self._asking() as client:
            found = client.fetch(uids, ["FLAGS"])
            return {uid: _letters(parts[b"FLAGS"]) for uid, parts in found.items() if b"FLAGS" in parts}

    def octets(self, uid: int, most: int) -> Iterator[bytes]:
        """Give a message's octets, in parts, `most` of them; nothing if it is not there any more."""
        start = 0
        while start < most:
            size = min(CHUNK, most - start)
            with self._asking(size + (1 << 16)) as client:
                # The name of the answer's item is the server's: `BODY[]<0>`, and not always the number.
                parts = client.fetch([uid], [f"BODY.PEEK[]<{start}.{size}>"]).get(uid, {})
                found = next((part for name, part in parts.items() if name.startswith(b"BODY[]")), None)
            chunk = found[:size] if isinstance(found, bytes) else b""
            if chunk:
                yield chunk
            if len(chunk) < size:
                return
            start += size


def _connect(url: ImapUrl, access: Access) -> BoundedIMAP:
    context = _context(access) if url.is_tls else None
    try:
        return BoundedIMAP(url.host, url.port, context=context, timeout=access.timeout)
    except _FAULTS as fault:
        raise ImapError(f"no connection to {url.host}:{url.port}: {_words(fault)}", is_over=True) from fault


def _context(access: Access) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=access.authorities)
    except OSError as fault:
        words = f"the certificates of {access.authorities} cannot be read"
        raise ImapError(words, is_over=True) from fault


def _library() -> Any:
    try:
        from imapclient import IMAPClient  # noqa: PLC0415 - an extra
    except ImportError as fault:
        words = "install mailtrace with the extra [imap] to read mailboxes over IMAP"
        raise ImapError(words, is_over=True) from fault
    return IMAPClient


def _speaking(library: Any, wire: BoundedIMAP, url: ImapUrl, timeout: float) -> Any:
    """Return imapclient, speaking over a wire that is bounded."""

    class Client(library):  # type: ignore[misc]
        def _create_IMAP4(self) -> BoundedIMAP:  # noqa: N802 - its name
            return wire

    client = Client(url.host, url.port, ssl=url.is_tls, timeout=timeout)
    wire.debug = 0  # else each header section is written out for a log that nobody reads
    client.normalise_times = False
    client.folder_encode = False
    return client


def _begin(client: Any, wire: BoundedIMAP, url: ImapUrl, access: Access) -> None:
    """Begin TLS where it is not there yet, and log in."""
    try:
        # Only to this machine itself may a session stay in clear.
        if not url.is_tls and not is_loopback(url.host):
            _start_tls(client, wire, access)
        wire.expect(MAX_ANSWER)
        if wire.state != "AUTH":  # else the server knows us already, as through a tunnel
            _log_in(client, url, access)
    except _FAULTS as fault:
        raise ImapError(f"no session with {url.host}:{url.port}: {_words(fault)}", is_over=True) from fault


def _start_tls(client: Any, wire: BoundedIMAP, access: Access) -> None:
    # RFC 8314 §3.2: without TLS, no password. A server that knows us before TLS began is not believed.
    context = _context(access)
    wire.expect(MAX_ANSWER)
    if wire.state == "AUTH" or not client.has_capability("STARTTLS"):
        raise ImapError("the server offers no STARTTLS: nothing is sent in clear", is_over=True)
    client.starttls(ssl_context=context)


def _log_in(client: Any, url: ImapUrl, access: Access) -> None:
    password = access.password(url)
    if password is None:
        raise ImapError("no password: set MAILTRACE_IMAP_PASSWORD, or put it into the keyring", is_over=True)
    takes_plain = client.has_capability("AUTH=PLAIN")
    if not takes_plain and client.has_capability("LOGINDISABLED"):
        how = "" if url.is_tls else " in clear: try imaps://"
        raise ImapError(f"the server takes no password{how}", is_over=True)
    try:
        if takes_plain:
            client.plain_login(url.user, password)  # RFC 4616: in UTF-8
        else:
            client.login(_quoted(url.user), password)
    except imaplib.IMAP4.error as fault:
        # Nothing that the server says here is repeated: it may give back what it was told.
        ended = isinstance(fault.__context__, imaplib.IMAP4.abort)
        words = "broke off" if ended else "was refused"
        raise ImapError(f"the login of {url.user} {words}", is_over=True) from fault
    except UnicodeEncodeError as fault:
        raise ImapError("the server takes passwords in ASCII only", is_over=True) from fault


def _quoted(text: str) -> str:
    """Return a quoted string (RFC 3501 §9): imaplib quotes the password, and not the user."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _folder(wire: Any, attributes: Any) -> Folder:
    name = wire if isinstance(wire, str) else bytes(wire).decode("utf-8", "surrogateescape")
    words = frozenset(one.decode("ascii", "replace").lower() for one in (attributes or ()) if isinstance(one, bytes))
    return Folder(wire=name, name="INBOX" if name.upper() == "INBOX" else decoded(name), attributes=words)


def _head(uid: int, parts: Any) -> Head | None:
    header = next((part for name, part in parts.items() if name.startswith(b"BODY[HEADER]")), None)
    if not isinstance(header, bytes):
        return None
    return Head(
        uid=uid,
        octets=header[:MAX_HEAD],
        is_whole=len(header) < MAX_HEAD,
        flags=_letters(parts.get(b"FLAGS")),
        time=_time(parts.get(b"INTERNALDATE")),
        size=_number(parts.get(b"RFC822.SIZE")),
    )


def _time(value: Any) -> datetime | None:
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return None


def _letters(flags: Any) -> str:
    each = flags if isinstance(flags, tuple) else ()
    found = {_FLAGS.get(flag.lower()) for flag in each if isinstance(flag, bytes)}
    return "".join(sorted(letter for letter in found if letter))


def _number(value: Any) -> int | None:
    one = value[0] if isinstance(value, list | tuple) and value else value
    if isinstance(one, bytes) and one.isdigit() and len(one) < 20:
        return int(one)
    return one if isinstance(one, int) and one >= 0 else None


def _words(fault: BaseException) -> str:
    """Say in one line what went wrong."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {fault.verify_message}"
    if isinstance(fault, TimeoutError):
        return "it does not answer in time"
    text = str(getattr(fault, "strerror", None) or fault)
    if isinstance(fault, imaplib.IMAP4.error):
        text = _AROUND.sub("", text)
    return " ".join(text.split())[:200] or type(fault).__name__
