"""What a file is, by its first octets and never by its name."""

from enum import auto, unique

from mailtrace.enums import Enum
from mailtrace.patterns import lazy

HEAD = 1 << 16
"""Octets that are looked at."""


@unique
class Content(Enum):
    """What a file holds."""

    MESSAGE = auto()  # or what may be one: parsing says
    MBOX = auto()
    EMLX = auto()
    GZIP = auto()
    BZIP2 = auto()
    XZ = auto()
    ZIP = auto()
    OUTLOOK = auto()  # a compound file: an Outlook message, or something of Office
    NOTHING = auto()  # empty
    OTHER = auto()  # known to be something else


PACKED = frozenset({Content.GZIP, Content.BZIP2, Content.XZ, Content.ZIP})

_MAGIC = (
    (b"\x1f\x8b", Content.GZIP),
    (b"BZh", Content.BZIP2),
    (b"\xfd7zXZ\0", Content.XZ),
    (b"PK\x03\x04", Content.ZIP),
    (b"PK\x05\x06", Content.ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Content.OUTLOOK),
)
_OTHERS = (
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF-", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"!BDN", "an Outlook mailbox (.pst), which is not read; export it as mbox"),
)
_MARK = b"\xef\xbb\xbf"
_LINE = rb"From [^\r\n]{1,256} \d{4}(?: remote from [^\r\n]{1,64}|[^\r\n]{0,16})\r?\n"
"""RFC 4155: the line that opens each message has a date, with a year at its end; RFC 976 lets a host follow."""
_SEPARATOR = _LINE + rb"(?:[!-9;-~]{1,100}:|>From )"
SEPARATOR = lazy(_SEPARATOR)
"""The line, and the beginning of a header field behind it, or of a line that a relay of UUCP marked (RFC 976)."""
OPENING = lazy(rb"(?:\xef\xbb\xbf)?(?:\r?\n){0,64}" + _LINE)
"""How a mailbox begins: its first line, behind a mark or blank lines that some program put in front of it."""
# A mailbox whose first line is destroyed, or was cut off: the second is there.
_SECOND = lazy(rb"\n\r?\n" + _SEPARATOR)
_SEEN = 256
"""Octets in which a mailbox begins, blank lines and all."""
# Apple Mail: the length of the message in octets, alone on the first line, with blanks behind it.
_LENGTH_LINE = lazy(rb"\d{1,12}[ \t]{0,32}\r?\n[!-9;-~]{1,100}:")
# RFC 5322 §2.2 allows more in the name of a field; JSON and much else begins like such a field, and no mail does.
_FIELD = lazy(rb"[\r\n]{0,100}[A-Za-z][A-Za-z0-9_.-]{0,100}[ \t]{0,80}:")


def content_of(head: bytes) -> Content:
    """Say what begins like this."""
    if not head:
        return Content.NOTHING
    for magic, content in _MAGIC:
        if head.startswith(magic):
            return content
    if what_else(head) is not None:
        return Content.OTHER
    if b"From " in head[:_SEEN] and OPENING.match(head):
        return Content.MBOX
    if head[:1].isdigit() and _LENGTH_LINE.match(head):
        return Content.EMLX  # before what follows: its message may quote a mailbox
    if b"\nFrom " in head and _SECOND.search(head) and not _FIELD.match(head.removeprefix(_MARK)):
        return Content.MBOX
    return Content.MESSAGE


def what_else(head: bytes) -> str | None:
    """Name what is known to be no mail; None for everything else."""
    return next((what for magic, what in _OTHERS if head.startswith(magic)), None)


def begins_like_mail(head: bytes) -> bool:
    """Tell whether it may be mail: a file that merely lies in a directory and is none is passed over."""
    content = content_of(head)
    if content is Content.MESSAGE:
        return _FIELD.match(head.removeprefix(_MARK)) is not None
    return content not in (Content.NOTHING, Content.OTHER)
