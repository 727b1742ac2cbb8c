"""What a run is about, in order: messages, what could not be read, and what is to be said between them."""

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mailtrace.cli.exits import Status
from mailtrace.cli.names import NamesError, names
from mailtrace.cli.output import reason, say
from mailtrace.cli.parcels import Fresh, Parcel, fresh, shown
from mailtrace.cli.wanted import Options
from mailtrace.cli.work import Done
from mailtrace.sources import Reader, SourceFault

if TYPE_CHECKING:
    from mailtrace.cli.progress import Progress
    from mailtrace.sources.imap.access import Access

Item = Fresh | Parcel | SourceFault | Done


def items_of(options: Options, access: "Access | None" = None, progress: "Progress | None" = None) -> Iterator[Item]:
    """Give them, source after source. Nothing raises but an interruption."""
    separator = b"\0" if options.null else b"\n"
    before = 0
    try:
        for name in names(options.sources, options.files_from, separator=separator):
            yield from _of_source(name, access, before, progress)
            before += _size(name) if progress else 0
    except OSError as fault:
        yield Done(status=Status.NO_INPUT, complaint=(options.files_from or "--files-from", reason(fault)))
    except NamesError as fault:
        yield Done(status=Status.DATA, complaint=(options.files_from or "--files-from", str(fault)))


def _of_source(name: str, access: "Access | None", before: int, progress: "Progress | None") -> Iterator[Item]:
    try:
        stdin = _standard_input(name)
    except OSError as fault:
        yield SourceFault(name=name, position=0, message=reason(fault), is_missing=True)
        return
    reader = Reader(name, stdin, access)
    for item in reader:
        if isinstance(item, SourceFault):
            yield item
            continue
        yield fresh(item)
        if progress and item.place is not None and item.place.end is not None:
            progress.read(before + item.place.end)
    if progress:
        progress.read(before + _size(name))
    if reader.passed_over:
        files = "1 file" if reader.passed_over == 1 else f"{reader.passed_over:,} files"
        yield Done(status=Status.DONE, complaint=(shown(name), f"{files} passed over: no mail in them"))


def is_message(item: Item) -> bool:
    """Tell a message, or what should have been one, from what is said between two."""
    return not isinstance(item, Done)


def up_to_message(items: Iterator[Item]) -> Iterator[Item]:
    """Give the next message, and what is said before it."""
    for item in items:
        yield item
        if is_message(item):
            return


def _size(name: str) -> int:
    try:
        return os.stat(name).st_size  # noqa: PTH116 - pathlib is slow to import
    except (OSError, ValueError):
        return 0


def _standard_input(name: str) -> Any:
    """Return standard input as octets, and say so where a person might wait for nothing."""
    if name != "-":
        return None
    if sys.stdin is None:
        raise OSError("it is closed")
    if sys.stdin.isatty():
        say("reading a message from standard input")
    return sys.stdin.buffer
