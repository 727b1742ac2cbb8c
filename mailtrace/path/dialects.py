"""Whose form a Received field has: a row per server or provider, the first that fits.

A row says how the form is recognised, which word stands where, what silence about TLS means, how a provider marks its
own hops, and shows a sample of the form (example names, documentation addresses). docs/received.md says how to add one.

Only what the *server* wrote is looked at: the `by` clause and what follows. The from part holds what the client chose
(HELO, the name of its address), and recognises software by its shape alone, in the rows that say so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from mailtrace.path.chains import Provider
from mailtrace.path.clauses import Clauses
from mailtrace.path.origin import Order
from mailtrace.path.scanner import Kind
from mailtrace.path.types import HopKind, Silence

_LIMIT = 300
"""Characters of a word or comment that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One row. Every pattern that is given must match from the beginning, whatever the case; at least one is given."""

    software: str
    silence: Silence
    sample: str
    by: str | None = None
    words: str | None = None
    """The words of the `with` clause."""
    comment: str | None = None
    """Some comment behind the from part."""
    by_comment: str | None = None
    """Some comment directly behind the `by` host."""
    id: str | None = None
    via: str | None = None
    stray: str | None = None
    """The words that belong to no clause, in front of the from part or between the others."""
    origin: str | None = None
    """Some comment of the from part, or all of them joined by `) (`: for its shape only."""
    first: str | None = None
    """The first word of the from part: for software that hands over to itself under a fixed name."""
    has_from: bool | None = None
    has_with: bool | None = None
    order: Order | None = None
    kind: HopKind | None = None
    """Where the form itself says what sort of step it is."""
    confirms_name: bool = False
    """The name that it writes for the client was looked up both ways."""
    tells_auth: bool = False
    """It writes the A of RFC 3848, so that its absence says something."""
    provider: Provider | None = None


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rows are held against, cut to a bounded length."""

    by: tuple[str, ...]
    words: tuple[str, ...]
    comments: tuple[str, ...]
    by_comments: tuple[str, ...]
    id: tuple[str, ...]
    via: tuple[str, ...]
    stray: tuple[str, ...]
    origin: tuple[str, ...]
    first: tuple[str, ...]


def recognise(clauses: Clauses, rows: Sequence[Dialect] | None = None) -> Dialect | None:
    """Return the first row that fits; None for a form that no row knows."""
    facts = _facts(clauses)
    return next((row for row in (rows if rows is not None else table()) if _fits(row, facts)), None)


@cache
def table() -> tuple[Dialect, ...]:
    """Return all rows: the providers first, since many of them run software that has a row of its own."""
    from mailtrace.path.mailboxes import MAILBOXES  # noqa: PLC0415 -- the rows are made of the type above
    from mailtrace.path.products import PRODUCTS  # noqa: PLC0415
    from mailtrace.path.providers import PROVIDERS  # noqa: PLC0415
    from mailtrace.path.servers import SERVERS  # noqa: PLC0415
    from mailtrace.path.services import SERVICES  # noqa: PLC0415

    return (*PROVIDERS, *SERVICES, *SERVERS, *PRODUCTS, *MAILBOXES)


def _facts(clauses: Clauses) -> _Facts:
    origin = [piece.text[:_LIMIT] for piece in clauses.origin[:16] if piece.kind is Kind.COMMENT]
    return _Facts(
        by=_cut(clauses.first("by")),
        words=_cut(clauses.text("with")),
        comments=tuple(comment[:_LIMIT] for comment in clauses.comments[:16]),
        by_comments=tuple(comment[:_LIMIT] for comment in clauses.by_comments[:8]),
        id=_cut(clauses.first("id")),
        via=_cut(clauses.text("via")),
        stray=_cut(" ".join(clauses.stray[:8]) or None),
        origin=(*origin, ") (".join(origin)) if origin else (),
        first=tuple(piece.text[:_LIMIT] for piece in clauses.origin[:1]),
    )


def _cut(text: str | None) -> tuple[str, ...]:
    return () if text is None else (text[:_LIMIT],)


def _fits(row: Dialect, facts: _Facts) -> bool:
    if row.has_from is not None and row.has_from is not bool(facts.first or facts.origin):
        return False
    if row.has_with is not None and row.has_with is not bool(facts.words):
        return False
    checks = (
        (row.comment, facts.comments),
        (row.by_comment, facts.by_comments),
        (row.by, facts.by),
        (row.words, facts.words),
        (row.id, facts.id),
        (row.via, facts.via),
        (row.stray, facts.stray),
        (row.first, facts.first),
        (row.origin, facts.origin),
    )
    return all(pattern is None or _matches(pattern, texts) for pattern, texts in checks)


def _matches(pattern: str, texts: Sequence[str]) -> bool:
    return any(re.match(pattern, text, re.IGNORECASE | re.ASCII) for text in texts)
