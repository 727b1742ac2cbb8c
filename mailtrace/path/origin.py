"""Who handed the message over: the from part of a Received field, split into HELO, the name found, and the address.

RFC 5321 §4.4 puts what the client said first, and what the server saw into a comment:

    from HELO (NAME [ADDRESS])             Postfix, Sendmail, Gmail and most others
    from NAME ([ADDRESS] helo=HELO)        Exim; without helo= the client gave that name
    from NAME (HELO name) (ADDRESS)        qmail, Yahoo, IronPort, James; likewise
    from HELO (ADDRESS)                    Exchange: no place for a name

HELO is what the client called itself, and proves nothing.
"""

import re
from collections.abc import Sequence
from enum import auto, unique

from mailtrace.enums import Enum
from mailtrace.path.addresses import AddressKind, is_impossible_literal, kind_of, read_address
from mailtrace.path.scanner import COMMENT, WORD, Token, outer
from mailtrace.patterns import lazy
from mailtrace.records import Struct, replace


@unique
class Order(Enum):
    """What the first word of the from part is, where the form itself does not show it."""

    HELO_FIRST = auto()
    NAME_FIRST = auto()  # the name found, which the client gave as well
    ADDRESS_FIRST = auto()  # the address, and what the client said in a comment behind it
    HELO_ONLY = auto()  # software without a place for the name found
    NO_HELO = auto()  # the server was the client (POP3 and IMAP fetch): the name of the host that it asked
    USER = auto()  # a local user


class Origin(Struct, frozen=True, kw_only=True):
    """The from part. Every None: it does not say."""

    helo: str | None = None
    client_name: str | None = None
    client_ip: str | None = None
    impossible: str | None = None
    """An address literal that can be no address."""


# What stands in the place of a name when none was found.
_STATES = frozenset(
    # `Not Verified`
    {
        "unknown",
        "unverified",
        "verified",
        "softdnserr",
        "unknown_domain",
        "unknown.domain",
        "unavailable",
        "noptr",
        "nodnsquery",
    }
)
_PLACEHOLDERS = frozenset({"unknown", "source", "<unknown>"})
# Comments of the from part that speak of something else than the client's address.
_OTHER = re.compile(
    r"using |version=|cipher|tls|ssl|client |no client|auth|envelope|mailfrom|proxying|squirrelmail|webmail|sender:"
    r"|uid |user="
    r"|orcpt|asn? |qmail |from |original|may be|google|\(",
    re.IGNORECASE,
)
_SAID = lazy(r"(?:HELO|EHLO|LHLO|HELLO)(?:\s+(.*)|$)", re.IGNORECASE | re.DOTALL)
_SAID_INSIDE = lazy(r"(?:\b(?:helo=|(?:HELO|EHLO)\s)|\"(?:HELO|EHLO)\s+)([^\s\",]{1,300})", re.IGNORECASE)
_BEFORE_HELO = lazy(
    r"(?:\[[^\[\]]{0,100}\](?::\d{1,5})?)?\s*(?:port=\d{1,5}\s+)?(?:helo=|\"[EH][HE]LO\s)", re.IGNORECASE
)
_HELO = lazy(r"helo=|\"[EH][HE]LO\s", re.IGNORECASE)
_OPEN = lazy(r"\((?:\[|port=|helo=)", re.IGNORECASE)
_OPENED = frozenset({"(EHLO", "(HELO"})
_CLAIMED = lazy(r"\bclaiming to be \"([^\"]{1,300})\"", re.IGNORECASE)
_LITERAL = lazy(r"\[\s*([^\[\]]{0,100}?)\s*\](:\d{1,5})?")
_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,254}", re.ASCII)
_WORDS = 8
_COMMENT_LIMIT = 1000


class _Seen(Struct, frozen=True, kw_only=True):
    """What the comments say together."""

    said: str | None = None
    """HELO, where the server states it apart; empty if it was empty."""
    name: str | None = None
    ip: str | None = None
    has_place: bool = False
    """Something stands where the name belongs, if only the address again."""
    impossible: str | None = None


def read_origin(pieces: Sequence[Token], order: Order) -> Origin:
    """Read the from part."""
    words = _name_words(pieces)
    first = words[0].strip(",") if words else None
    seen = _see(pieces, first, order)
    if order is Order.USER and seen.ip is None:
        return Origin(helo=seen.said or None)
    if first is None:
        return Origin(helo=seen.said or None, client_name=seen.name, client_ip=seen.ip, impossible=seen.impossible)
    helo = _helo(words, first)
    literal = read_address(first)
    if literal is not None and (order is not Order.HELO_ONLY or seen.ip is not None):
        return _from_address(helo, literal, seen)
    found = None if first.lower() in _PLACEHOLDERS else _host(first)
    if seen.said is not None:
        name = seen.name or found
        return Origin(helo=seen.said or None, client_name=name, client_ip=seen.ip, impossible=seen.impossible)
    origin = Origin(helo=helo, client_name=seen.name, client_ip=seen.ip, impossible=seen.impossible)
    return _ordered(origin, found, order)


def comments_of_client(pieces: Sequence[Token], order: Order) -> int:
    """Count the comments that a HELO with parentheses can have made: all before the address that the server saw.

    Where HELO stands beside that address (`[192.0.2.1] helo=a`), it can have made those behind it, too.
    """
    comments = [piece.text for piece in pieces if piece.kind is COMMENT]
    if _helo_follows(pieces, order):
        return len(comments)
    seen = [number for number, piece in enumerate(pieces) if _shows_address(piece)]
    if not seen:
        return 0
    last = pieces[seen[-1]]
    if last.kind is COMMENT and _said_inside(outer(last.text[:_COMMENT_LIMIT])):
        return len(comments)
    return sum(piece.kind is COMMENT for piece in pieces[: seen[-1]])


def _shows_address(piece: Token) -> bool:
    if piece.kind is not COMMENT:
        return piece.text.startswith("[") and read_address(piece.text) is not None
    text = outer(piece.text[:_COMMENT_LIMIT]).strip()
    return not _OTHER.match(text) and not _SAID.match(text) and _with_peer(_Seen(), text).ip is not None


def _ordered(origin: Origin, found: str | None, order: Order) -> Origin:
    if order is Order.NO_HELO:
        return replace(origin, helo=None, client_name=origin.client_name or found)
    if order is Order.NAME_FIRST and origin.client_ip is not None:
        return replace(origin, client_name=origin.client_name or found)
    return origin


def _from_address(helo: str | None, literal: str, seen: _Seen) -> Origin:
    """The first word is an address: what the client called itself, or all there is to know of it."""
    if seen.ip is None:
        return Origin(helo=seen.said or None, client_name=seen.name, client_ip=literal, impossible=seen.impossible)
    # `from 192.0.2.1 ([192.0.2.1])`: the address again and no HELO, but for `[192.0.2.1]`, which is written as one.
    repeated = literal == seen.ip and not seen.has_place and not (helo or "").startswith("[")
    said = seen.said if seen.said is not None else helo
    return Origin(
        helo=None if repeated and seen.said is None else said or None, client_name=seen.name, client_ip=seen.ip
    )


def _name_words(pieces: Sequence[Token]) -> list[str]:
    """Return the words in front of the first comment; an address literal among them belongs to the comments."""
    words: list[str] = []
    for number, piece in enumerate(pieces):
        if piece.kind is not WORD or (
            number and (piece.text.startswith("[") or _OPEN.match(piece.text) or piece.text in _OPENED)
        ):
            break
        words.append(piece.text)
    return words


def _helo(words: Sequence[str], first: str) -> str | None:
    """Return what the client called itself. A name with blanks is one name; some forms have words of their own."""
    if first.lower() in _PLACEHOLDERS:
        return None
    if words[1:2] == ["named"] or words[0].endswith(","):
        return first
    text = " ".join(words)
    return None if text == "mail pickup service" else text


def _helo_follows(pieces: Sequence[Token], order: Order) -> bool:
    """Tell whether HELO stands behind the address, as Exim, ZMailer and Yahoo write it: the rest may be the client's.

    If the client leaves a parenthesis of its own open, the comment is none, and begins a word.
    """
    if order is Order.ADDRESS_FIRST:
        address = read_address(pieces[0].text) if pieces and pieces[0].kind is WORD else None
        # An older form has 127.0.0.1 there, and the client's address at the end.
        return len(pieces) > 1 and address is not None and kind_of(address) is AddressKind.PUBLIC
    if order is not Order.NAME_FIRST:
        return False
    at = next((number for number, piece in enumerate(pieces) if number or piece.kind is COMMENT), len(pieces))
    if at == len(pieces):
        return False
    return (_BEFORE_HELO if pieces[at].kind is COMMENT else _OPEN).match(pieces[at].text) is not None


def _see(pieces: Sequence[Token], first: str | None, order: Order) -> _Seen:
    seen = _Seen()
    is_sealed = _helo_follows(pieces, order)
    for number, piece in enumerate(pieces):
        text = piece.text[:_COMMENT_LIMIT]
        if piece.kind is COMMENT:
            seen = _with_comment(seen, text) if not is_sealed else _before_helo(seen, text)
        elif number and text.startswith(("[", "([") if is_sealed else "["):
            seen = _with_peer(seen, text)
        if is_sealed and (number or piece.kind is COMMENT):
            break
    text = " ".join([piece.text for piece in pieces[:_WORDS]]) if first else ""
    claimed = _CLAIMED.search(text) if '"' in text else None
    return replace(seen, said=claimed[1]) if claimed else seen


def _before_helo(seen: _Seen, text: str) -> _Seen:
    """Read the peer in front of `helo=`, and of what the client says behind it nothing but that."""
    inside = _said_inside(text)
    before = _HELO.split(text, maxsplit=1)[0]
    return _with_comment(replace(seen, said=inside[1]) if inside else seen, before)


def _said_inside(text: str) -> re.Match[str] | None:
    lowered = text.lower()
    return _SAID_INSIDE.search(text) if "helo" in lowered or "ehlo" in lowered else None


def _with_comment(seen: _Seen, comment: str) -> _Seen:
    text = outer(comment).strip()
    if said := _SAID.match(text):
        name = (said[1] or "").strip()
        return replace(seen, said=name.split()[0] if name else "") if seen.said is None else seen
    if inside := _said_inside(text):
        seen = replace(seen, said=seen.said if seen.said is not None else inside[1])
        text = text[: inside.start()]
    return seen if _OTHER.match(text) else _with_peer(seen, text)


def _with_peer(seen: _Seen, text: str) -> _Seen:
    """Read `NAME [ADDRESS]` in all its forms."""
    literal = _LITERAL.search(text) if "[" in text else None
    if literal:
        before = [word for word in text[: literal.start()].split()[:_WORDS] if word != "["]
        behind = text[literal.end() :].split()[:_WORDS]
        # ZoneMTA: `[ADDRESS] NAME`. Only a full name counts there: `[ADDRESS] RDNS failed`, `[ADDRESS] unverified`.
        beside = before[-1] if before else next((word for word in behind[:1] if "." in word), None)
        return _with(seen, literal[1], None if text.lower().startswith("account ") else beside)
    words = [word.strip(",") for word in text.split()[:_WORDS]]
    for number, word in enumerate(words):
        address = word.rpartition("@")[2]
        if read_address(address) or is_impossible_literal(address):
            return _with(seen, address, words[0] if number else None)
    # A word alone is a name; behind a HELO of its own, or as `user@`, it is a user.
    alone = words[0] if len(words) == 1 and not (seen.said is not None and "@" in words[0]) else None
    return _with(seen, "", alone)


def _with(seen: _Seen, literal: str, beside: str | None) -> _Seen:
    """Take in what a comment says. The last address counts: what a client may smuggle into its HELO comes first."""
    ip = read_address(literal)
    name = _host(beside) if beside is not None else None
    if ip is not None:
        return replace(seen, ip=ip, name=name, has_place=beside is not None, impossible=None)
    if seen.ip is not None or seen.name is not None:
        return seen
    return replace(seen, name=name, impossible=literal if is_impossible_literal(literal) else seen.impossible)


def _host(word: str) -> str | None:
    """Return a host name as written, without what stands before its `@`, and without the final dot."""
    name = word.rpartition("@")[2].strip("<>,;").rstrip(".")
    if name.lower() in _STATES or read_address(name) is not None or not _HOST.fullmatch(name):
        return None
    return name
