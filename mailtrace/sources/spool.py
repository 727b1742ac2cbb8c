"""What cannot be read twice is copied first: to memory, or to a private temporary file that is gone when closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol, cast

from mailtrace.errors import MessageError

SPOOL_LIMIT = 1 << 30
"""Octets of one message that are taken from a pipe or an archive at the most."""
CHUNK = 1 << 18
_IN_MEMORY = 1 << 20


class Readable(Protocol):
    """What can be read once, from its beginning."""

    def read(self, size: int, /) -> bytes:
        """Read so many octets at the most; none at the end."""


def new_spool() -> BinaryIO:
    """Return an empty place for octets."""
    import tempfile  # noqa: PLC0415 - a file that lies there is never copied

    # SpooledTemporaryFile has all of BinaryIO that is used.
    return cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY))


@contextmanager
def spooled(stream: Readable) -> Iterator[BinaryIO]:
    """Copy a stream to its end. Raises MessageError if it is longer than is taken."""
    with new_spool() as file:
        size = 0
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > SPOOL_LIMIT:
                raise MessageError(f"more than {SPOOL_LIMIT} octets on a pipe or in an archive; save it to a file")
            file.write(chunk)
        file.seek(0)
        yield file
