"""The body as a re-readable stream: a slice of the file the message stands in, never held whole."""

from collections.abc import Iterator
from typing import BinaryIO


class FileBody:
    """Octets `start` to `end` of a seekable binary file."""

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        self._file = file
        self._start = start
        self._end = end

    @property
    def size(self) -> int:
        """Octets, as they stand in the file."""
        return self._end - self._start

    def chunks(self, size: int = 65536) -> Iterator[bytes]:
        """Read from the beginning, at most `size` octets at a time.

        Seeks before every read, so that two readers of one file do not disturb each other.
        """
        at = self._start
        while at < self._end:
            self._file.seek(at)
            chunk = self._file.read(min(size, self._end - at))
            if not chunk:
                return
            at += len(chunk)
            yield chunk
