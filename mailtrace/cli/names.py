"""The names of sources: those on the command line, then those of --files-from, read one at a time."""

import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

MAX_NAME = 1 << 16
"""Octets of a name; longer ones are no file's (PATH_MAX is 4096 on Linux)."""
_CHUNK = 1 << 16


class NamesError(Exception):
    """The list of names is none."""


def names(sources: tuple[str, ...], files_from: str | None, *, separator: bytes) -> Iterator[str]:
    """Give them in order. Raises OSError if the list cannot be read, NamesError if it is no list."""
    yield from sources
    if files_from is None:
        return
    if files_from == "-":
        if sys.stdin is None:
            raise OSError("standard input is closed")
        yield from _listed(sys.stdin.buffer, separator)
        return
    with open(files_from, "rb") as file:  # noqa: PTH123 - pathlib is slow to import
        yield from _listed(file, separator)


def _listed(file: BinaryIO, separator: bytes) -> Iterator[str]:
    """Give the names as they come: a list may be of any length, and be written to while it is read."""
    rest = b""
    read = file.read1 if hasattr(file, "read1") else file.read
    while chunk := read(_CHUNK):
        *whole, rest = (rest + chunk).split(separator)
        yield from (os.fsdecode(name) for name in map(_name, whole) if name)
        if len(rest) > MAX_NAME:
            raise NamesError(f"a name of more than {MAX_NAME} octets; are names separated by NUL (-0)?")
    if _name(rest):
        yield os.fsdecode(_name(rest))


def _name(octets: bytes) -> bytes:
    if b"\0" in octets:
        raise NamesError("a name that holds NUL; are names separated by NUL (-0)?")
    return octets.removesuffix(b"\r")
