"""Kept: what the mailboxes hold that were looked through, and which of them, or what part, could not be. Pure."""

from mailtrace.delivery.coverage import Coverage
from mailtrace.delivery.mailboxes import Found
from mailtrace.findings import excerpt
from mailtrace.sources.imap.access import is_imap

MAX_UNREAD = 5
"""Folders that are named of those which could not be read."""


def coverage_of(found: Found) -> tuple[Coverage, ...]:
    """Say of each mailbox how many messages it holds; of one on a server also what could not be read."""
    return tuple(
        Coverage(
            source=name,
            kind="imap" if is_imap(name) else "mail",
            first=None,
            last=None,
            covers_query=None,
            gaps=(),
            messages=count,
            notes=_notes(name, found),
        )
        for name, count in sorted(found.messages.items())
    )


def _notes(name: str, found: Found) -> tuple[str, ...]:
    mine = [one for one in found.unread if one.source == name]
    words = [
        f"could not be read: {excerpt(one.why)}"
        if one.folder is None
        else f"folder {excerpt(one.folder)}: {excerpt(one.why)}"
        for one in mine[:MAX_UNREAD]
    ]
    more = len(mine) - MAX_UNREAD
    return (*words, f"and {more:,} more folders could not be read") if more > 0 else tuple(words)


def unread_in(found: Found) -> tuple[tuple[str, str], ...]:
    """Name what could not be read, and why."""
    return tuple(
        (one.source if one.folder is None else f"the folder {one.folder} of {one.source}", one.why)
        for one in found.unread
    )
