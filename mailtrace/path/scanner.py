"""Cut a trace field into words, comments and separators, once, from left to right: RFC 5322 §3.2.2, §3.6.7.

Nested comments with quoted pairs, quoted strings, `[...]` and `<...>` stay whole, so that a `;` or a keyword inside
them never counts. What does not close is an ordinary character: a client's name may hold anything. Linear:
parentheses are paired in one pass, and everything else that is looked for has a bounded length.
"""

import re
from enum import auto, unique

from mailtrace.enums import Enum
from mailtrace.patterns import lazy
from mailtrace.records import Struct


@unique
class Kind(Enum):
    """What a token is."""

    WORD = auto()
    COMMENT = auto()
    SEMICOLON = auto()


WORD, COMMENT, SEMICOLON = Kind.WORD, Kind.COMMENT, Kind.SEMICOLON
"""To be asked for each token: Python 3.11 takes long to find a member by its name."""


class Token(Struct, frozen=True):
    """A piece at depth 0; `text` of a comment is without its outer parentheses."""

    kind: Kind
    text: str


_SEMICOLON = Token(SEMICOLON, ";")
_PARENTHESES = re.compile(r"[()\\]")
# RFC 5321 §4.1.2: a mailbox may be quoted, and hold parentheses: what a sender put into it is no comment.
_OR_QUOTED_MAILBOX = lazy(
    r"[()\\]|(?:(?<=for )|(?<=envelope-from )|(?<=envelope-sender ))<\"(?:[^\"\\]|\\.){0,256}\"@[^<>\"()\s]{1,255}>"
    r"|(?<=envelope from )\"(?:[^\"\\]|\\.){0,1000}\"|(?<=envelope-from )\"(?:[^\"\\]|\\.){0,256}\"(?=@)"
    # RFC 3461 §4.2: whoever sends says what the original recipient was.
    r"|(?<=orcpt )<(?:[^<>\"\s]|\"(?:[^\"\\]|\\.){0,256}\"){1,500}>",
    re.IGNORECASE,
)
_BLANK = re.compile(r"\s+")
_PLAIN = re.compile(r"[^\s();\"<\[]+")
# RFC 5321 §4.1.2: the local part may be quoted, and hold whatever it likes.
_ANGLE = re.compile(r"<(?:\"(?:[^\"\\]|\\.){0,256}\"@)?[^<>();]{0,1000}>")
_PLAIN_WORD = re.compile(rf"\s*({_PLAIN.pattern}|{_ANGLE.pattern})(?=[\s;]|\Z)")
_BRACKET = re.compile(r"\[(?:\[[^\[\]]{0,200}\]|\([^()\[\]]{0,200}\)|[^\[\]()]{0,200})\]")
_ENCLOSED = {"<": _ANGLE, "[": _BRACKET}
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.){0,1000}\"")


def tokens(value: str) -> list[Token]:
    """Return the tokens of an unfolded value, in order."""
    closing = _pairs(value) if "(" in value else {}
    found: list[Token] = []
    at, size, plain_word, kind = 0, len(value), _PLAIN_WORD.match, WORD
    while at < size:
        # Nearly every word is plain, and this is all that it takes.
        if plain := plain_word(value, at):
            found.append(Token(kind, plain[1]))
            at = plain.end()
        elif value[at] == ";":
            found.append(_SEMICOLON)
            at += 1
        elif at in closing:
            found.append(Token(COMMENT, value[at + 1 : closing[at]]))
            at = closing[at] + 1
        elif blank := _BLANK.match(value, at):
            at = blank.end()
        else:
            end = _word_end(value, at, closing)
            found.append(Token(kind, value[at:end]))
            at = end
    return found


def _pairs(value: str) -> dict[int, int]:
    r"""Return where each parenthesis that closes is closed. Inside a comment `\` quotes (RFC 5322 §3.2.1)."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    quoted = -1
    may_hold = '<"' in value or 'from "' in value or "ORCPT <" in value
    pattern = _OR_QUOTED_MAILBOX if may_hold else _PARENTHESES
    for found in pattern.finditer(value):
        at, char = found.start(), found.group()
        if at == quoted or len(char) > 1:
            continue
        if char == "\\":
            quoted = at + 1 if opened else -1
        elif char == "(":
            opened.append(at)
        elif opened:
            pairs[opened.pop()] = at
    return pairs


def _word_end(value: str, at: int, closing: dict[int, int]) -> int:
    """Return where the word that begins here ends. Whatever opens and does not close is a part of it."""
    # RFC 5322 §3.2.4: a quoted string is a word of its own. A quote in the middle of a name opens nothing.
    if value[at] == '"':
        at = _end(_QUOTED, value, at)
    while at < len(value) and at not in closing:
        plain = _PLAIN.match(value, at)
        if plain is not None:
            at = plain.end()
        elif value[at] == ";" or value[at].isspace():
            break
        else:
            at = _end(_ENCLOSED.get(value[at], _PLAIN), value, at)
    return at


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
