"""What a mailbox on a server consists of. Types only; nothing of the library's."""

from datetime import datetime

from mailtrace.errors import MailtraceError
from mailtrace.records import Struct


class ImapError(MailtraceError):
    """A server cannot be reached, refuses, or speaks no IMAP. Its text is one line, and may hold the server's words."""

    def __init__(self, words: str, *, is_over: bool = False) -> None:
        """Say what went wrong. `is_over`: with the whole session, and not one thing that was asked."""
        super().__init__(words)
        self.is_over = is_over


class Folder(Struct, frozen=True, kw_only=True):
    """A folder of a server."""

    wire: str
    """Its name as the server writes it."""
    name: str
    """Decoded (RFC 3501 §5.1.3); the server's, so never to be printed as it is."""
    attributes: frozenset[str]
    """In lower case: `\\junk` (RFC 6154 §2), `\\noselect` (RFC 3501 §7.2.2), ..."""

    @property
    def can_be_opened(self) -> bool:
        """It may hold messages."""
        return not self.attributes & {"\\noselect", "\\nonexistent"}


class Opened(Struct, frozen=True, kw_only=True):
    """A folder that is open."""

    uid_validity: int | None
    messages: int


class Head(Struct, frozen=True, kw_only=True):
    """The header section of a message, and what the server keeps beside it."""

    uid: int
    octets: bytes
    is_whole: bool
    """False: it is longer than what is read."""
    flags: str
    """Maildir's letters, sorted."""
    time: datetime | None
    """INTERNALDATE: when it was put into its mailbox, as the server says."""
    size: int | None
    """Octets of the message, as the server says."""
