"""Who handed the message over: the from-part of a Received field, split into HELO, the name found, and the address.

RFC 5321 §4.4 puts what the client said first and what the server saw into a comment. Exim, qmail and Yahoo turn that
around, Exchange has no place for a name, and much software has forms of its own; each is one pattern below. HELO is what
the client called itself and proves nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailtrace.path.addresses import read_address

_STATES = frozenset(
    {"unknown", "unverified", "softdnserr", "unknown_domain", "unavailable", "rdns", "may", "noptr", "no", "<unknown>"}
)
"""What stands in the place of a name when none was found."""

_COMMENT_LIMIT = 1000

_HELO = re.compile(r"\b(?:helo|ehlo|lhlo)[ =]\s*\"?([^\s\")]+)", re.IGNORECASE)
_QUOTED_HELO = re.compile(r"\"(?:EHLO|HELO) ([^\"]*)\"")
_BRACKETED = re.compile(r"\[\s*((?:IPv6:)?[0-9a-fA-F:.%]+[0-9a-zA-Z]*)\s*(?::\d{1,5})?\]", re.IGNORECASE)
_UNIX = re.compile(r"unix socket|UNIX: |\[local\]|^local$|^localhost$", re.IGNORECASE)
_NESTED = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The from-part. Every None: it does not say."""

    helo: str | None = None
    client_name: str | None = None
    client_ip: str | None = None
    is_local: bool = False
    """The peer is a socket or pipe of the same machine."""


def read_origin(words: Sequence[str], comments: Sequence[str], *, name_first: bool) -> Origin:
    """Read the words and comments between `from` and `by`. `name_first`: the software writes the name found first (Exim)."""
    first = words[0].strip(",") if words else None
    origin = Origin()
    for comment in comments:
        origin = _with_comment(origin, first, comment[:_COMMENT_LIMIT], name_first=name_first)
    literal = read_address(first) if first else None
    if origin.client_ip is None and len(words) > 1 and words[1].startswith("["):
        # `from a.example [192.0.2.1] by` (fetchmail), `[(192.0.2.1)]` (MDaemon)
        origin = replace(origin, client_ip=read_address(words[1].strip("[()]")))
    if origin.client_ip is None and literal is not None:
        # Nothing but an address (webmail, an API): the peer, not a name that it gave.
        return replace(origin, client_ip=literal)
    if origin.helo is None and first is not None and first.lower() not in _STATES:
        origin = replace(origin, helo=first)
    return _as_written(origin, first, literal, name_first=name_first)


def _as_written(origin: Origin, first: str | None, literal: str | None, *, name_first: bool) -> Origin:
    if not name_first or first is None or origin.client_ip is None or origin.client_name is not None:
        return origin
    is_name = literal is None and first.lower() not in _STATES
    return replace(origin, client_name=first if is_name else None)


def _with_comment(origin: Origin, first: str | None, comment: str, *, name_first: bool) -> Origin:
    text = _without_nested(comment).strip()
    if origin.client_ip is None and _UNIX.search(text):
        return replace(origin, is_local=True)
    helo = _QUOTED_HELO.search(text) or _HELO.search(text)
    if helo:
        origin = _said(origin, first, helo[1])
    found = _peer(text)
    if found is None or origin.client_ip is not None:
        return origin
    address, name = found
    if name is None and not helo and name_first and "[" in text and first and read_address(first):
        return replace(origin, client_ip=address)
    return replace(origin, client_ip=address, client_name=origin.client_name or name)


def _said(origin: Origin, first: str | None, helo: str) -> Origin:
    """`(HELO x)` behind a word: x is what was said, and the word is what was found (qmail, Yahoo, Exim)."""
    found = first if first and first.lower() not in _STATES else None
    address = read_address(found) if found else None
    if address is not None:
        return replace(origin, helo=helo)
    return replace(origin, helo=helo, client_name=found)


def _peer(text: str) -> tuple[str, str | None] | None:
    """Find the address that the server saw in a comment, and the name beside it."""
    bracketed = _BRACKETED.search(text)
    if bracketed and (address := read_address(bracketed[1])):
        before = text[: bracketed.start()].split()
        after = text[bracketed.end() :].split()
        return address, _name(before[-1] if before else None) or _name(after[0] if after and not before else None)
    words = text.replace("[", " ").replace("]", " ").split()
    for word in words[:3]:
        ident, _, rest = word.rpartition("@")
        address = read_address(rest if ident else word)
        if address:
            others = [other for other in words[:2] if other != word]
            return address, _name(others[0]) if others else None
    return None


def _name(word: str | None) -> str | None:
    if word is None:
        return None
    name = word.rpartition("@")[2].strip(",;").rstrip(".")
    if not name or name.lower() in _STATES or "=" in name or read_address(name) or not re.search(r"[A-Za-z]", name):
        return None
    return name if re.fullmatch(r"[A-Za-z0-9._-]{1,255}", name) else None


def _without_nested(comment: str) -> str:
    return _NESTED.sub(" ", comment)
