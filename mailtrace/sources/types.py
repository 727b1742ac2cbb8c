"""What a source gives: raw messages one at a time, and what could not be given."""

from enum import unique
from typing import BinaryIO

from mailtrace.enums import StrEnum
from mailtrace.records import Struct


@unique
class Kind(StrEnum):
    """What a message stood in; the innermost, where one stands in another."""

    EML = "eml"
    MBOX = "mbox"
    MAILDIR = "maildir"
    MH = "mh"
    EMLX = "emlx"
    MSG = "msg"
    IMAP = "imap"


class Place(Struct, frozen=True, kw_only=True):
    """Octets of a regular file: where a worker finds the message again."""

    path: str
    start: int
    end: int | None
    """None: to its end."""


class RawMessage(Struct, frozen=True, kw_only=True):
    """One message, as octets."""

    name: str
    """The source, as given; `-` for standard input."""
    kind: Kind
    position: int
    """Which message of the source, 0 = first; on a server its UID."""
    file: BinaryIO
    """Seekable; open until the next message is asked for."""
    place: Place | None = None
    """None where the octets stand in no regular file as they are: packed, or from a pipe."""
    member: str | None = None
    """Which file below a directory, or of an archive; None where the source is the file."""
    flags: str | None = None
    """Maildir's letters (`FS`: flagged, seen); None where nothing keeps any."""
    reconstructed: bool = False
    """Put together again from a form that does not keep a message's octets: nothing that was signed can be checked."""


class SourceFault(Struct, frozen=True, kw_only=True):
    """A message, or a whole source, that could not be read."""

    name: str
    position: int
    message: str
    """One line."""
    member: str | None = None
    is_missing: bool = False
    """There is no such input, or it cannot be opened; else it is not what it should be."""
    is_unavailable: bool = False
    """It is on a server that cannot be reached, or refuses."""
