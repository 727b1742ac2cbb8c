"""The messages that a URL names: one, or all of a folder or a server, one at a time."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, BinaryIO

from mailtrace.sources.imap.access import Access
from mailtrace.sources.imap.names import encoded
from mailtrace.sources.imap.types import Folder, ImapError, Opened
from mailtrace.sources.imap.url import ImapUrl, UrlError, member, read_url, shown
from mailtrace.sources.spool import new_spool
from mailtrace.sources.types import Kind, RawMessage, SourceFault

if TYPE_CHECKING:
    from mailtrace.sources.imap.client import Connection

MAX_MESSAGE = 64 << 20
"""Octets of a message that are fetched; one that is larger is a fault."""
_FLAGS_AT_ONCE = 500


def connect(url: ImapUrl, access: Access | None) -> "Connection":
    """Open a session. Raises ImapError."""
    if access is None:
        raise ImapError("a mailbox on a server, and nobody said how to reach it", is_over=True)
    from mailtrace.sources.imap.client import Connection  # noqa: PLC0415 - TLS is loaded when it is used

    return Connection(url, access)


def named(folders: Sequence[Folder], name: str) -> Folder:
    """Return the folder of a name; one that is not listed may be there."""
    wanted = "INBOX" if name.upper() == "INBOX" else name
    made = Folder(wire=encoded(wanted), name=wanted, attributes=frozenset())
    return next((folder for folder in folders if folder.name == wanted), made)


def examined(connection: "Connection", folder: Folder, url: ImapUrl) -> Opened:
    """Open a folder to be read. Raises ImapError, also if it is not the one any more that the URL speaks of."""
    opened = connection.examine(folder)
    # RFC 3501 §2.3.1.1: with another UIDVALIDITY, the same UID is another message.
    if url.uid_validity not in (None, opened.uid_validity):
        raise ImapError("it was made anew since: its UIDs are of other messages now")
    return opened


def fetched(connection: "Connection", uid: int, most: int) -> BinaryIO | None:
    """Fetch a message to a place of its own; None if it is not there any more.

    Raises ImapError, also if it has more than `most` octets.
    """
    with ExitStack() as undo:
        spool = undo.enter_context(closing(new_spool()))
        for chunk in connection.octets(uid, most + 1):
            spool.write(chunk)
        if spool.tell() > most:
            raise ImapError(f"a message of more than {most} octets")
        if not spool.tell():
            return None
        spool.seek(0)
        undo.pop_all()
        return spool


def messages(name: str, access: Access | None) -> Iterator[RawMessage | SourceFault]:
    """Give the messages of a mailbox on a server, folder after folder, in the order of their UIDs."""
    try:
        url = read_url(name)
    except UrlError as fault:
        yield SourceFault(name=shown(name), position=0, message=str(fault))
        return
    try:
        with connect(url, access) as connection:
            listed = connection.folders()
            if url.folder is not None:
                yield from _of_folder(url, connection, named(listed, url.folder))
                return
            for folder in listed:
                if folder.can_be_opened:
                    yield from _of_folder(url, connection, folder)
    except ImapError as fault:
        yield SourceFault(name=name, position=0, message=str(fault), is_unavailable=True)


def _of_folder(url: ImapUrl, connection: "Connection", folder: Folder) -> Iterator[RawMessage | SourceFault]:
    try:
        opened = examined(connection, folder, url)
        uids = (url.uid,) if url.uid is not None else tuple(reversed(connection.search(["ALL"])))
    except ImapError as fault:
        if fault.is_over:
            raise
        is_named = url.folder is not None
        yield SourceFault(name=url.name, position=0, message=str(fault), member=folder.name, is_missing=is_named)
        return
    for at, uid in enumerate(uids):
        if at % _FLAGS_AT_ONCE == 0:
            flags = connection.flags(uids[at : at + _FLAGS_AT_ONCE])
        shown_as = None if url.uid is not None else member(folder.name, opened.uid_validity, uid)
        try:
            file = fetched(connection, uid, MAX_MESSAGE)
        except ImapError as fault:
            if fault.is_over:
                raise
            yield SourceFault(name=url.name, position=uid, message=str(fault), member=shown_as)
            continue
        if file is None:
            words = "no message of this UID is there any more"
            yield SourceFault(name=url.name, position=uid, message=words, member=shown_as, is_missing=True)
            continue
        with closing(file):
            yield RawMessage(
                name=url.name, kind=Kind.IMAP, position=uid, file=file, member=shown_as, flags=flags.get(uid)
            )
