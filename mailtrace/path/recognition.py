"""Find the row of the dialect table that a Received field fits: the first one, as if they were tried in order.

They are not: a hundred and fifty rows would cost more than all the rest of the reading. The table is an index instead,
in which a set of rows is an integer, row n its bit n. A column says which rows do not ask about it, and which its
patterns let through; what all columns let through fits, and its lowest bit is the first row.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property

from mailtrace.path.clauses import Clauses
from mailtrace.path.dialects import Dialect
from mailtrace.path.mailboxes import MAILBOXES
from mailtrace.path.products import PRODUCTS
from mailtrace.path.providers import PROVIDERS
from mailtrace.path.scanner import Kind
from mailtrace.path.servers import BY_SHAPE, SERVERS
from mailtrace.path.services import SERVICES
from mailtrace.patterns import lazy
from mailtrace.records import Struct

TABLE: tuple[Dialect, ...] = (*PROVIDERS, *SERVICES, *SERVERS, *PRODUCTS, *MAILBOXES, *BY_SHAPE)
"""All rows: the providers first, since many of them run software that has a row of its own."""

_LIMIT = 300
"""Characters of a word or comment that are looked at."""

# Those first that leave the fewest rows over, and cost the least. The id is asked about last, and only of what is left:
# it is another one in every field.
_COLUMNS = ("words", "by_comment", "via", "stray", "first", "origin", "comment", "by")


@cache
def _matcher(pattern: str) -> Callable[[str], object]:
    """Compile a pattern once it is asked for: most runs see a handful of forms."""
    if _SPECIAL.isdisjoint(pattern):  # as plain as `Postfix`
        return lambda text: _begins_with(text[: len(pattern)], pattern.lower())
    return re.compile(pattern, re.IGNORECASE | re.ASCII).match


def _begins_with(text: str, start: str) -> bool | None:
    """Tell whether a text is a start, whatever the case of its ASCII letters; None if not, as a pattern would."""
    return (text.isascii() and text.lower() == start) or None


class _Pattern(Struct, frozen=True):
    """A pattern, or one alternative of it."""

    text: str
    rows: int
    """The rows that have it."""


class _Column:
    """The patterns of one column, found by how a text begins, since they match from the beginning."""

    def __init__(self, asked: Sequence[str | None]) -> None:
        self.free = _bits(whole is None for whole in asked)
        """The rows that do not ask about it."""
        self._asked = asked

    @cached_property
    def _by_start(self) -> dict[str, tuple[_Pattern, ...]]:
        """The patterns by their first character; nothing for those that may begin with anything."""
        rows_of: dict[str, int] = {}
        for number, whole in enumerate(self._asked):
            for one in () if whole is None else _alternatives(whole):
                rows_of[one] = rows_of.get(one, 0) | 1 << number
        by_start: dict[str, list[_Pattern]] = {}
        for text, rows in rows_of.items():
            by_start.setdefault(_start(text), []).append(_Pattern(text, rows))
        return {start: tuple(patterns) for start, patterns in by_start.items()}

    def narrow(self, rows: int, texts: Sequence[str]) -> int:
        """Return those of the rows that do not ask, or have a pattern that matches one of the texts."""
        kept, patterns = rows & self.free, self._by_start
        for text in texts:
            if kept == rows:
                break
            lowered = text.lower()
            for pattern in (*patterns.get(lowered[:1], ()), *patterns.get("", ())):
                wanted = pattern.rows & rows & ~kept
                if wanted and _needle(pattern.text) in lowered and _matcher(pattern.text)(text):
                    kept |= wanted
        return kept


class Index:
    """Rows, by column."""

    def __init__(self, rows: Sequence[Dialect]) -> None:
        self.rows = rows
        self._columns = tuple(_Column([getattr(row, name) for row in rows]) for name in _COLUMNS)
        self._by_from = _by_presence([row.has_from for row in rows])
        self._by_with = _by_presence([row.has_with for row in rows])

    def candidates(self, clauses: Clauses) -> tuple[Dialect, ...]:
        """Return the rows that fit but for the id, in order, down to the first that does not ask about it."""
        texts = _facts(clauses)
        fitting = self._by_from[bool(clauses.origin)] & self._by_with[bool(texts[0])]
        for column, found in zip(self._columns, texts, strict=True):
            fitting = column.narrow(fitting, found) if found else fitting & column.free
        rows: list[Dialect] = []
        while fitting and (not rows or rows[-1].id is not None):
            rows.append(self.rows[(fitting & -fitting).bit_length() - 1])
            fitting &= fitting - 1
        return tuple(rows)

    def first(self, clauses: Clauses) -> Dialect | None:
        """Return the first row that fits."""
        text = clauses.first("id")
        return next((row for row in self.candidates(clauses) if lets_through(row, text)), None)


@cache
def _table() -> Index:
    return Index(TABLE)


def recognise(clauses: Clauses) -> Dialect | None:
    """Return the first row of the table that fits; None for a form that no row knows."""
    return _table().first(clauses)


def candidates(clauses: Clauses) -> tuple[Dialect, ...]:
    """Return the rows of which the id decides: the first that lets it through fits."""
    return _table().candidates(clauses)


def lets_through(row: Dialect, text: str | None) -> bool:
    """Tell whether a row does not ask about the id, or knows such ids."""
    knows = matcher_of_id(row)
    return knows is None or (text is not None and knows(text[:_LIMIT]) is not None)


def matcher_of_id(row: Dialect) -> Callable[[str], object] | None:
    """Return what gives None for an id that a row does not know; None if it does not ask."""
    return None if row.id is None else _matcher(row.id)


# One piece of a pattern: an escaped character, a class, a group (with groups in it), or a character.
_GROUP = r"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)"
_PIECE = rf"\\.|\[(?:[^\]\\]|\\.)*\]|{_GROUP}|[^|]"
_ALTERNATIVE = lazy(rf"(?:{_PIECE})+")
_ATOM = lazy(rf"({_PIECE})([?*+]|\{{[^}}]*\}})?")


_SPECIAL = frozenset("\\.^$*+?{}[]|()")
_ANCHORS = frozenset(".^$")
_REPEATING = ("?", "*", "+", "{")


def _alternatives(pattern: str) -> list[str]:
    r"""Split a pattern at the bars outside its groups.

    >>> _alternatives("qmail invoked|(a|b)c")
    ['qmail invoked', '(a|b)c']
    """
    return _ALTERNATIVE.findall(pattern) if "|" in pattern else [pattern]


def _start(pattern: str) -> str:
    r"""Return the character with which all that a pattern matches begins, in lower case; nothing if there are several.

    >>> _start("Postfix, from"), _start(r"\(Postfix"), _start(r"e?smtp"), _start(r".+\.example\.com$")
    ('p', '(', '', '')
    """
    first, rest = (pattern[1:2], pattern[2:]) if pattern[0] == "\\" else (pattern[0], pattern[1:])
    is_literal = not (first.isalnum() or first == "_") if pattern[0] == "\\" else first not in _SPECIAL
    return first.lower() if is_literal and rest[:1] not in _REPEATING else ""


@cache
def _needle(pattern: str) -> str:
    r"""Return what is in every text that a pattern matches, in lower case: its longest literal; may be empty.

    >>> _needle(r".+\.example\.com$"), _needle("Postfix, from"), _needle(r"e?smtp")
    ('.example.com', 'postfix, from', 'smtp')
    """
    if _SPECIAL.isdisjoint(pattern):
        return pattern.lower()
    runs = [""]
    for piece, repeated in _ATOM.findall(pattern):
        is_escaped = len(piece) == 2 and piece[0] == "\\" and not (piece[1].isalnum() or piece[1] == "_")
        if repeated or piece in _ANCHORS or not (is_escaped or len(piece) == 1):
            runs.append("")
        else:
            runs[-1] += piece[-1]
    return max(runs, key=len).lower()


def _by_presence(wanted: Sequence[bool | None]) -> tuple[int, int]:
    """Return the rows that fit a field without such a part, and those that fit one with it."""
    return _bits(want is not True for want in wanted), _bits(want is not False for want in wanted)


def _bits(flags: Iterable[bool]) -> int:
    return int("".join(["1" if flag else "0" for flag in flags])[::-1] or "0", 2)


def _facts(clauses: Clauses) -> tuple[Sequence[str], ...]:
    """Return what the columns are held against, in their order."""
    origin = [piece.text[:_LIMIT] for piece in clauses.origin[:16] if piece.kind is Kind.COMMENT]
    if len(origin) > 1:
        origin.append(") (".join(origin)[: 2 * _LIMIT])
    return (
        _cut(clauses.text("with")),
        [comment[:_LIMIT] for comment in clauses.by_comments[:8]],
        _cut(clauses.text("via")),
        _cut(" ".join(clauses.stray[:8])),
        [clauses.origin[0].text[:_LIMIT]] if clauses.origin else (),
        origin,
        [comment[:_LIMIT] for comment in clauses.comments[:16]],
        _cut(clauses.first("by")),
    )


def _cut(text: str | None) -> Sequence[str]:
    return (text[:_LIMIT],) if text else ()
