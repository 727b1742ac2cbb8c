"""Cut a trace field into words, comments and separators, once, from left to right: RFC 5322 §3.2.2, §3.6.7.

Nested comments with quoted pairs, quoted strings, `[...]` and `<...>` stay whole, so that a `;` or a keyword inside
them never counts. What does not close is an ordinary character: a client's name may hold anything. Linear:
parentheses are paired in one pass, and everything else that is looked for has a bounded length.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto, unique


@unique
class Kind(Enum):
    """What a token is."""

    WORD = auto()
    COMMENT = auto()
    SEMICOLON = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece at depth 0; `text` of a comment is without its outer parentheses."""

    kind: Kind
    text: str


_PARENTHESES = re.compile(r"[()\\]")
_BLANK = re.compile(r"\s+")
_PLAIN = re.compile(r"[^\s();\"<\[]+")
_ANGLE = re.compile(r"<[^<>();]{0,1000}>")
_BRACKET = re.compile(r"\[(?:\[[^\[\]]{0,200}\]|\([^()\[\]]{0,200}\)|[^\[\]()]{0,200})\]")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.){0,1000}\"")


def tokens(value: str) -> Iterator[Token]:
    """Give the tokens of an unfolded value, in order."""
    closing = _pairs(value)
    start = at = 0
    while at < len(value):
        end = _inside_word(value, at, is_first=at == start) if at not in closing and value[at] != ";" else None
        if end is not None:
            at = end
            continue
        if at > start:
            yield Token(Kind.WORD, value[start:at])
        if value[at] == ";":
            yield Token(Kind.SEMICOLON, ";")
            at += 1
        elif at in closing:
            yield Token(Kind.COMMENT, value[at + 1 : closing[at]])
            at = closing[at] + 1
        else:
            at = _end(_BLANK, value, at)
        start = at
    if at > start:
        yield Token(Kind.WORD, value[start:at])


def _pairs(value: str) -> dict[int, int]:
    r"""Return where each parenthesis that closes is closed. Inside a comment `\` quotes (RFC 5322 §3.2.1)."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    quoted = -1
    for found in _PARENTHESES.finditer(value):
        at, char = found.start(), found.group()
        if at == quoted:
            continue
        if char == "\\":
            quoted = at + 1 if opened else -1
        elif char == "(":
            opened.append(at)
        elif opened:
            pairs[opened.pop()] = at
    return pairs


def _inside_word(value: str, at: int, *, is_first: bool) -> int | None:
    """Return where the piece of a word that begins here ends; None if no word goes on here."""
    char = value[at]
    if char.isspace():
        return None
    if char == "<":
        return _end(_ANGLE, value, at)
    if char == "[":
        return _end(_BRACKET, value, at)
    # RFC 5322 §3.2.4: a quoted string is a word of its own. A quote in the middle of a name opens nothing.
    if char == '"' and is_first:
        return _end(_QUOTED, value, at)
    return _end(_PLAIN, value, at)


def _end(pattern: re.Pattern[str], value: str, at: int) -> int:
    match = pattern.match(value, at)
    return match.end() if match else at + 1


def outer(comment: str) -> str:
    """Return a comment's text without the comments nested in it.

    >>> outer("a.example [192.0.2.1] (AS64496 EXAMPLE, ZZ)")
    'a.example [192.0.2.1] '
    """
    pieces: list[str] = []
    depth = start = 0
    for found in re.finditer(r"[()]", comment):
        if found.group() == "(":
            if not depth:
                pieces.append(comment[start : found.start()])
            depth += 1
        elif depth:
            depth -= 1
            start = found.end()
    return "".join([*pieces, comment[start:] if not depth else ""])
