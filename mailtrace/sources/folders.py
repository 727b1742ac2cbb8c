"""Directories: Maildir and Maildir++, MH, and trees of files, each in an order that does not change.

Maildir: `cur` and `new` hold a message in a file each, its flags behind `:2,` in the name; `tmp` holds what is not yet
delivered and is passed over. Maildir++ puts a folder `.A.B` beside them. MH: a message in a file named by a number.
"""

import os
import re
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from mailtrace.records import Struct
from mailtrace.sources.types import Kind

_FLAGS = re.compile(r"[:;!]2,([A-Za-z]{0,32})\Z")
"""Where a colon cannot stand in a file name, others are written in its place."""
_MH_MARKS = (".mh_sequences", ".xmhcache", ".mh_profile")
MAX_DEPTH = 64
"""Directories within directories that are entered."""


class Member(Struct, frozen=True, kw_only=True):
    """One file below a directory."""

    path: Path
    kind: Kind | None
    """`maildir` or `mh`, where the directory says so; None where the file's content does."""
    flags: str | None = None
    fault: str | None = None
    """Why what is below cannot be read: then it is a directory."""


def members(directory: Path) -> Iterator[Member]:
    """Give the files below a directory that may hold messages, sorted by name. Raises OSError if it cannot be read."""
    yield from _walk(directory, 0)


def _walk(directory: Path, depth: int) -> Iterator[Member]:
    names = _listing(directory)
    present = dict(names)
    if _is_maildir(present):
        for part in ("cur", "new"):
            if part in present:
                yield from _below(directory / part, _mails)
        names = [(name, kind) for name, kind in names if name not in ("cur", "new", "tmp") and kind == "directory"]
    elif _is_mh(present):
        numbered = sorted((name for name, kind in names if kind == "file" and name.isdecimal()), key=int)
        yield from (Member(path=directory / name, kind=Kind.MH) for name in numbered)
        names = [(name, kind) for name, kind in names if kind == "directory"]
    for name, kind in names:
        if kind == "directory" and depth < MAX_DEPTH:
            yield from _below(directory / name, partial(_walk, depth=depth + 1))
        elif kind == "file" and not name.startswith("."):
            yield Member(path=directory / name, kind=None)


def _below(directory: Path, read: Callable[[Path], Iterator[Member]]) -> Iterator[Member]:
    """Give what is in a directory within; one that cannot be read costs nothing of the others."""
    try:
        yield from read(directory)
    except OSError as fault:
        yield Member(path=directory, kind=None, fault=fault.strerror or str(fault))


def _mails(directory: Path) -> Iterator[Member]:
    yield from (_mail(directory / name) for name, kind in _listing(directory) if kind == "file")


def _listing(directory: Path) -> list[tuple[str, str]]:
    """List a directory, sorted: names and what they are. Links to directories are not followed."""
    found = []
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                found.append((entry.name, "directory"))
            elif _is_file(entry):
                found.append((entry.name, "file"))
    return sorted(found, key=lambda pair: os.fsencode(pair[0]))


def _is_file(entry: "os.DirEntry[str]") -> bool:
    try:
        return stat.S_ISREG(entry.stat().st_mode)
    except OSError:
        return False


def _is_maildir(present: dict[str, str]) -> bool:
    return present.get("cur") == "directory" and "directory" in (present.get("new"), present.get("tmp"))


def _is_mh(present: dict[str, str]) -> bool:
    if any(mark in present for mark in _MH_MARKS):
        return True
    files = [name for name, kind in present.items() if kind == "file" and not name.startswith((".", ","))]
    return bool(files) and all(name.isdecimal() for name in files)


def _mail(path: Path) -> Member:
    flags = _FLAGS.search(path.name)
    return Member(path=path, kind=Kind.MAILDIR, flags=flags[1] if flags else None)
