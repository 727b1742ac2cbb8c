"""A part of a file as a file of its own, without a copy."""

import io
from typing import BinaryIO


class Slice(io.RawIOBase):
    """Octets `start` to `end` of a seekable file. Not closed with it."""

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        """Take the file, and the range in it."""
        self._file = file
        self._start = start
        self._size = max(0, end - start)
        self._at = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be sought in."""
        return True

    def tell(self) -> int:
        """Return the position, 0 = the first octet of the part."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move, within the part or past its end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """Read at most to the end of the part."""
        left = max(0, self._size - self._at)
        wanted = left if size < 0 else min(size, left)
        if not wanted:
            return b""
        # Seeks before every read, so that two readers of one file do not disturb each other.
        self._file.seek(self._start + self._at)
        octets = self._file.read(wanted)
        self._at += len(octets)
        return octets

    def readall(self) -> bytes:
        """Read to the end of the part."""
        return self.read()

    def readinto(self, buffer: "bytearray | memoryview", /) -> int:  # type: ignore[override]
        """Read into a buffer."""
        octets = self.read(len(buffer))
        buffer[: len(octets)] = octets
        return len(octets)
