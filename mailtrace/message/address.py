"""Address lists, RFC 5322 §3.4 with the obsolete forms of §4.4, read the way a reader of the message is shown them.

Our own scanner, because the standard library's answers differ between patch releases of Python and take the display
name `ceo@bank.example` of `From: ceo@bank.example <x@evil.test>` for the address. One pass, no recursion; where a value
is ambiguous every candidate is returned, so that nobody downstream can take one of them for the only author.
"""

import re
from collections.abc import Iterator
from enum import auto
from functools import lru_cache

from mailtrace.enums import Enum
from mailtrace.message.encoded import decode_words, replace_surrogates
from mailtrace.message.types import Mailbox
from mailtrace.names.domain import a_labels
from mailtrace.patterns import lazy
from mailtrace.records import Struct

MAX_MAILBOXES = 1000
"""Mailboxes read from one field at the most."""


class _Kind(Enum):
    TEXT = auto()  # atoms, dots, quoted strings, encoded words
    QUOTED = auto()  # a quoted string, unescaped
    ANGLE = auto()  # what stands between < and >
    COMMENT = auto()
    SEPARATOR = auto()  # , or ; outside all of these
    GROUP = auto()  # the : that opens a group


class _Token(Struct, frozen=True):
    kind: _Kind
    text: str


_CLOSING = {'"': '"', "<": ">", "(": ")", "[": "]"}
_KINDS = {
    '"': _Kind.QUOTED,
    "<": _Kind.ANGLE,
    "(": _Kind.COMMENT,
    ",": _Kind.SEPARATOR,
    ";": _Kind.SEPARATOR,
    ":": _Kind.GROUP,
}
# What ends a domain that is written wrongly (`user@example,com`): receivers take what stands before it.
_NOT_DOMAIN = re.compile(r"[,;<>()\s]")
_SHORT = 200
_QUOTED_PAIR = lazy(r"\\(.)")


def read_addresses(value: str) -> tuple[Mailbox, ...]:
    """Read an address list. Groups are dissolved into their members, empty members skipped.

    >>> [m.address for m in read_addresses('"Doe, J." <j@a.example>, team: k@b.example, l@c.example;')]
    ['j@a.example', 'k@b.example', 'l@c.example']
    """
    return _read_short(value) if len(value) <= _SHORT else _read(value)


@lru_cache(maxsize=1024)
def _read_short(value: str) -> tuple[Mailbox, ...]:
    """The same people write to each other again and again."""
    return _read(value)


def _read(value: str) -> tuple[Mailbox, ...]:
    mailboxes: list[Mailbox] = []
    tokens: list[_Token] = []
    for token in (*_tokens(value), _Token(_Kind.SEPARATOR, ",")):
        if token.kind is _Kind.GROUP:
            # The group's display name names no mailbox; but a phrase has no bare @, and readers may be shown that.
            mailboxes.extend(mailbox for mailbox in _mailboxes(tokens) if _is_bare(tokens) and mailbox.address)
            tokens.clear()
        elif token.kind is _Kind.SEPARATOR:
            mailboxes.extend(_mailboxes(tokens))
            tokens.clear()
        else:
            tokens.append(token)
        if len(mailboxes) >= MAX_MAILBOXES:
            break
    return tuple(mailboxes[:MAX_MAILBOXES])


def _tokens(value: str) -> Iterator[_Token]:
    """Cut at depth 0; an unclosed quote, comment or angle runs to the end, an unclosed bracket is a letter."""
    at = text_from = 0
    last_literal = value.rfind("]")
    behind_at = False
    while at < len(value):
        char = value[at]
        if char == "[" and behind_at and at < last_literal:  # a domain literal: its colons open no group
            at = _end_of(value, at)
        elif char not in '"<(,;:':
            behind_at = char == "@" or (behind_at and char.isspace())
            at += 1
        else:
            behind_at = False
            if at > text_from:
                yield _Token(_Kind.TEXT, value[text_from:at])
            end = _end_of(value, at) if char in _CLOSING else at + 1
            yield _Token(_KINDS[char], value[at:end])
            at = text_from = end
    if at > text_from:
        yield _Token(_Kind.TEXT, value[text_from:])


def _end_of(value: str, at: int) -> int:
    """Return the offset behind what opens at `at`; the end of the value if it does not close."""
    opening, closing = value[at], _CLOSING[value[at]]
    depth, at = 1, at + 1
    while at < len(value):
        char = value[at]
        if char == "\\":
            at += 1  # quoted-pair (RFC 5322 §3.2.1)
        elif char == closing:
            depth -= 1
            if not depth:
                return at + 1
        elif char == "(" == opening:
            depth += 1  # only comments nest (RFC 5322 §3.2.2)
        elif char == '"' and opening == "<":
            at = _end_of(value, at) - 1
        at += 1
    return len(value)


def _is_bare(tokens: list[_Token]) -> bool:
    """Tell whether an address stands where RFC 5322 §3.4 has a phrase, which quotes an @ (§3.2.5)."""
    return any(token.kind is _Kind.ANGLE or (token.kind is _Kind.TEXT and "@" in token.text) for token in tokens)


def _mailboxes(tokens: list[_Token]) -> Iterator[Mailbox]:
    """Give what one member of a list names: one mailbox, or every candidate where it is ambiguous."""
    angles = [token.text for token in tokens if token.kind is _Kind.ANGLE]
    words = [token for token in tokens if token.kind in (_Kind.TEXT, _Kind.QUOTED)]
    comments = [_unquote(token.text) for token in tokens if token.kind is _Kind.COMMENT]
    if angles:
        name = _display_name(words)
        yield from (_mailbox(name or _first(comments), angle.strip("<>")) for angle in angles)
        return
    bare = _bare_addresses("".join(token.text for token in words))
    if bare:
        yield from (_mailbox(_first(comments), address) for address in bare)
    elif words and (name := _display_name(words)):
        yield Mailbox(name=name, address=None, domain=None)


def _bare_addresses(text: str) -> list[str]:
    """Find addresses without angle brackets: every blank-separated word with an @, once blanks around @ and . are gone.

    A quoted local part keeps its blanks.
    """
    text = text.strip()
    if text.startswith('"'):
        behind = text[_end_of(text, 0) :].lstrip()
        if behind.startswith("@"):
            return [text]
        text = behind
    words = text.replace(" @", "@").replace("@ ", "@").split()
    return [word for word in words if "@" in word]


def _mailbox(name: str | None, written: str) -> Mailbox:
    """Take an addr-spec apart, with the obsolete forms: a route, blanks and comments between the parts (§4.4)."""
    spec = "".join(t.text for t in _tokens(written) if t.kind is not _Kind.COMMENT).strip()
    if spec.startswith("@"):
        spec = spec.partition(":")[2]
    if not spec.startswith('"'):
        spec = "".join(spec.split())
    local, at, domain = spec.rpartition("@")
    if not at or not local:
        return Mailbox(name=name, address=replace_surrogates(spec) or None, domain=None)
    ambiguous = "@" in local and not (local.startswith('"') and local.endswith('"'))
    return Mailbox(
        name=name,
        address=replace_surrogates(spec),
        domain=None if ambiguous else a_labels(_NOT_DOMAIN.split(replace_surrogates(domain), maxsplit=1)[0]),
    )


def _display_name(words: list[_Token]) -> str | None:
    text = "".join(_unquote(word.text) if word.kind is _Kind.QUOTED else word.text for word in words)
    return decode_words(" ".join(text.split())) or None


def _unquote(text: str) -> str:
    """Take the delimiters and quoted-pairs away."""
    inner = text[1:-1] if len(text) > 1 and text[-1] in '")' else text[1:]
    if "\\" in inner:
        inner = _QUOTED_PAIR.sub(r"\1", inner)
    return decode_words(inner)


def _first(comments: list[str]) -> str | None:
    return comments[0] if comments else None
