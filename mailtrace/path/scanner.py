"""Cut a trace field into words, comments and separators: RFC 5322 §3.6.7 tokens, once, from left to right.

Nested comments with quoted pairs, quoted strings, `[...]` and `<...>` are kept whole, so that a `;` or a keyword inside
them never counts. Linear; what does not close runs to the end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto


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
    start: int
    end: int


_CLOSING = {"(": ")", '"': '"', "[": "]", "<": ">"}
_LITERAL_LIMIT = 1000
"""Characters that a quoted string or literal may have; an opening that has no end within them is an ordinary character."""


def tokens(value: str) -> Iterator[Token]:
    """Give the tokens of an unfolded value, in order."""
    at = start = 0
    while at < len(value):
        char = value[at]
        if char in '"[<':
            at = _literal_end(value, at)
        elif char not in "(; \t":
            at += 1
        else:
            if at > start:
                yield Token(Kind.WORD, value[start:at], start, at)
            start, at = at, _comment_end(value, at) if char == "(" else at + 1
            if char == "(":
                yield Token(Kind.COMMENT, _inner(value[start:at]), start, at)
            elif char == ";":
                yield Token(Kind.SEMICOLON, ";", start, at)
            start = at
    if at > start:
        yield Token(Kind.WORD, value[start:at], start, at)


def _inner(comment: str) -> str:
    return comment[1:-1] if comment.endswith(")") and len(comment) > 1 else comment[1:]


def _comment_end(value: str, at: int) -> int:
    depth = 0
    while at < len(value):
        char = value[at]
        if char == "\\":
            at += 1
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return len(value)


def _literal_end(value: str, at: int) -> int:
    """Return the offset behind a quoted string, literal or angle; of a lone opening, behind that character."""
    closing = _CLOSING[value[at]]
    end = value.find(closing, at + 1, at + _LITERAL_LIMIT)
    # `from <unknown (...)`: an angle or bracket that closes only beyond a blank is junk, a quoted string may hold blanks.
    if end < 0 or (closing != '"' and " " in value[at:end].strip() and closing == ">"):
        return at + 1
    return end + 1
