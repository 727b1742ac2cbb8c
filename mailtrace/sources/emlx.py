"""Apple Mail's .emlx: the length of the message on the first line, the message, and a property list behind it."""

from typing import BinaryIO

from mailtrace.errors import MessageError
from mailtrace.patterns import lazy
from mailtrace.sources.mbox import Extent

_LENGTH = lazy(rb"(\d{1,12})[ \t]{0,32}\r?\n")
_LINE = 64


def message_of(file: BinaryIO) -> Extent:
    """Return where the message stands. Raises MessageError if the file is shorter than it says."""
    file.seek(0)
    length = _LENGTH.match(file.read(_LINE))
    if length is None:
        raise MessageError("not an .emlx file: no length on its first line")
    end = length.end() + int(length[1])
    if file.seek(0, 2) < end:
        raise MessageError(f"an .emlx file that is cut off: it should have {end} octets at the least")
    return Extent(length.end(), end)
