"""Where messages come from: files, mailboxes, directories, archives, standard input; the kind found from the content.

A source gives its messages one at a time, each a file that is open until the next is asked for. The one floor that may
hold or spool a body, and it holds one at the most.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import BinaryIO

from mailtrace.errors import MessageError
from mailtrace.sources.imap.access import Access
from mailtrace.sources.reading import Item, Reader
from mailtrace.sources.types import Kind, Place, RawMessage, SourceFault

__all__ = ["Item", "Kind", "Place", "RawMessage", "Reader", "SourceFault", "open_source"]


@contextmanager
def open_source(name: str, stdin: BinaryIO | None = None, *, access: Access | None = None) -> Iterator[RawMessage]:
    """Open the one message of a source; `-` reads `stdin` to its end.

    `access`: to mailboxes on servers; without it none is reached. Raises OSError if it cannot be opened or read,
    ImapError if its server cannot, MessageError if it holds no message, or several.
    """
    with closing(iter(Reader(name, stdin, access=access))) as items:
        first = next(items, None)
        if first is None:
            raise MessageError("no message in it")
        if isinstance(first, SourceFault):
            if first.is_unavailable:
                from mailtrace.sources.imap.types import ImapError  # noqa: PLC0415 - for servers only

                raise ImapError(first.message, is_over=True)
            raise (FileNotFoundError(first.message) if first.is_missing else MessageError(first.message))
        yield first
