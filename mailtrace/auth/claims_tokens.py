"""The words of an Authentication-Results or Received-SPF value (RFC 8601 §2.2, RFC 7208 §9.1): pairs, comments, words.

One pass over the value and no backtracking: comments are counted, not recursed into, and a parenthesis or quote that
is never closed is found out once and then taken as it stands.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import auto
from functools import lru_cache

from mailtrace.enums import Enum
from mailtrace.message.encoded import decode_words
from mailtrace.patterns import lazy
from mailtrace.records import Struct


class _Kind(Enum):
    WORD = auto()
    QUOTED = auto()
    COMMENT = auto()
    EQUALS = auto()
    SEMICOLON = auto()


class _Token(Struct, frozen=True):
    kind: _Kind
    text: str
    glued: bool
    """No white space or comment stands before it."""


_SPACE = lazy(r"\s+")
_WORD = lazy(r'[^\s;()"=]+')
_PARENTHESIS = lazy(r"\\.|[()]", re.DOTALL)
_QUOTED = lazy(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_QUOTED_PAIR = lazy(r"\\(.)", re.DOTALL)
_SINGLES = {"=": _Kind.EQUALS, ";": _Kind.SEMICOLON}


def _tokens(value: str) -> Iterator[_Token]:
    at, glued, comments, quotes = 0, False, True, True
    while at < len(value):
        char = value[at]
        if space := _SPACE.match(value, at):
            at, glued = space.end(), False
        elif char in _SINGLES:
            yield _Token(_SINGLES[char], char, glued)
            at, glued = at + 1, True
        elif char in "()":
            end = _comment_end(value, at) if comments and char == "(" else None
            comments = comments and (end is not None or char == ")")
            if end is not None:
                yield _Token(_Kind.COMMENT, " ".join(value[at + 1 : end - 1].split()), glued)
            at, glued = end or at + 1, False
        elif char == '"':
            quoted = _QUOTED.match(value, at) if quotes else None
            quotes = quoted is not None
            text = _QUOTED_PAIR.sub(r"\1", quoted[1]) if quoted else char
            yield _Token(_Kind.QUOTED if quoted else _Kind.WORD, text, glued)
            at, glued = quoted.end() if quoted else at + 1, True
        elif word := _WORD.match(value, at):
            yield _Token(_Kind.WORD, word[0], glued)
            at, glued = word.end(), True


def _comment_end(value: str, start: int) -> int | None:
    """Return the place behind the comment that opens at `start` (RFC 5322 §3.2.2: comments nest), or None."""
    depth = 0
    for mark in _PARENTHESIS.finditer(value, start):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if depth == 0:
            return mark.end()
    return None


class Item(Struct, frozen=True):
    """A pair (`key` set), a comment (`is_comment`) or a bare word."""

    text: str
    key: str | None = None
    is_comment: bool = False


def _segments(tokens: Sequence[_Token]) -> Iterator[tuple[Item, ...]]:
    start = 0
    for at, token in enumerate(tokens):
        if token.kind is _Kind.SEMICOLON:
            yield tuple(_items(tokens[start:at]))
            start = at + 1
    yield tuple(_items(tokens[start:]))


def _items(tokens: Sequence[_Token]) -> Iterator[Item]:
    words: list[str] = []  # not yet known to be a key or bare
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token.kind is _Kind.COMMENT:
            yield Item(token.text, is_comment=True)
        elif token.kind is not _Kind.EQUALS:
            words.append(token.text)
        else:
            key, bare = _split_key(words)
            words = []
            yield from (Item(word) for word in bare)
            value, comments, at = _read_value(tokens, at)
            yield from (Item(comment, is_comment=True) for comment in comments)
            yield Item(value, key=key.lower())
    yield from (Item(word) for word in words)


def _split_key(words: list[str]) -> tuple[str, list[str]]:
    """Join the key that ends these words: white space may stand around `.` and `/` (RFC 8601 §2.2, its B.7)."""
    first = max(len(words) - 1, 0)
    while first > 0 and _joins(words[first - 1], words[first]):
        first -= 1
    return "".join(words[first:]), words[:first]


def _joins(left: str, right: str) -> bool:
    # A host name with a final dot is an authserv-id whose semicolon is missing, not a ptype.
    return right.startswith((".", "/")) or (left.endswith((".", "/")) and "." not in left[:-1])


def _read_value(tokens: Sequence[_Token], at: int) -> tuple[str, list[str], int]:
    """Read what stands behind `=`: the value, the comments before it, and the place behind it."""
    comments: list[str] = []
    while at < len(tokens) and tokens[at].kind is _Kind.COMMENT:
        comments.append(tokens[at].text)
        at += 1
    if at == len(tokens):
        return "", comments, at
    # `header.from= dkim=pass`: the value is missing, the pair behind it is not to be swallowed.
    if not tokens[at].glued and at + 1 < len(tokens) and tokens[at + 1].kind is _Kind.EQUALS and not comments:
        return "", comments, at
    end = at + 1
    while end < len(tokens) and tokens[end].glued and tokens[end].kind is not _Kind.COMMENT:
        end += 1
    return "".join(token.text for token in tokens[at:end]), comments, end


def readable(value: str) -> list[list[Item]]:
    """Decode a value, and cut it at its semicolons into segments that hold something."""
    text = decode_words(value)
    parts = text.split(";")
    if _stand_alone(text, parts):
        segments: Iterable[tuple[Item, ...]] = map(_segment, parts)
    else:
        segments = _segments(tuple(_tokens(text)))
    return [list(segment) for segment in segments if segment]


def _stand_alone(text: str, parts: Sequence[str]) -> bool:
    """Tell that no semicolon stands in quotes or a comment: all comments end in the part in which they begin."""
    if '"' in text or "\\" in text or any(len(part) > _SHORT for part in parts):
        return False
    pieces = [part.split("(") for part in parts]
    return all(")" not in head and all(each.count(")") == 1 for each in comments) for head, *comments in pieces)


_SHORT = 1000
"""Characters of a segment that may be kept."""


@lru_cache(maxsize=1024)
def _segment(part: str) -> tuple[Item, ...]:
    """Receivers say the same of the same senders again and again."""
    return tuple(_items(tuple(_tokens(part))))
