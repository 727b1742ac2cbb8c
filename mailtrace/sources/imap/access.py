"""How mailboxes on servers may be reached. All that is imported of them before one is named."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from mailtrace.records import Struct

if TYPE_CHECKING:
    from mailtrace.sources.imap.url import ImapUrl

TIMEOUT = 30.0
"""Seconds that a server may take to be reached, and for each of its answers to come on."""


class Access(Struct, frozen=True, kw_only=True):
    """How mailboxes on servers may be reached."""

    password: "Callable[[ImapUrl], str | None]"
    """Return the password, None where nobody has one."""
    authorities: str | None = None
    """A file of certificates to trust; None: the system's."""
    timeout: float = TIMEOUT


def is_imap(name: str) -> bool:
    """Tell whether a source is named by the URL of a mailbox on a server."""
    return name[:8].lower().startswith(("imap://", "imaps://"))
