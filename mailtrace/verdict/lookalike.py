"""An author domain that is read as another one: by letters of another script, or beside the domain it writes to.

That is no failure of anything: such a domain signs its mail as well as any other, and DMARC passes (RFC 9989 speaks of
domains, not of who is behind them). So it goes before what is proved for the domain.
"""

from collections.abc import Iterator

from mailtrace.message.types import Message
from mailtrace.names.lookalike import looks_like, read_as_latin
from mailtrace.path.types import Path
from mailtrace.records import Struct

_MOST = 50
"""Domains of recipients that are looked at."""


class Imitation(Struct, frozen=True, kw_only=True):
    """As what an author domain is read."""

    reads: str
    letters: tuple[str, ...]
    """Unicode names of the letters that are not what they seem; none where the letters are Latin."""


def imitation(message: Message, path: Path) -> Imitation | None:
    """Return as what the author domain is read, if not as itself."""
    author = message.author_domain
    if author is None:
        return None
    foreign = read_as_latin(author)
    if foreign is not None:
        return Imitation(reads=foreign.reads, letters=foreign.letters)
    other = looks_like(author, _receivers(message, path))
    return None if other is None else Imitation(reads=other, letters=())


def _receivers(message: Message, path: Path) -> Iterator[str]:
    """Yield the domains that the message goes to: the receiving side's own record first, then To and Cc."""
    hop = path.border_hop
    recipient = hop.received.recipient if hop else None
    if recipient:
        yield recipient.rstrip(">").rpartition("@")[2]
    if path.receiver:
        yield path.receiver
    yield from (mailbox.domain for mailbox in (*message.to, *message.cc)[:_MOST] if mailbox.domain)
