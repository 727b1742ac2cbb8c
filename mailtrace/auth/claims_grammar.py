"""Authentication-Results (RFC 8601 §2.2) and Received-SPF (RFC 7208 §9.1): from the field's value to claims.

The grammar is read in full: versions, nested comments, `reason=`, quoted strings, `none`. So is what receivers write
outside it: no authserv-id (Exchange Online), a final semicolon (Yahoo), IPv6 addresses and `<>` without quotes, empty
values, missing semicolons, UTF-8, and whole fields in RFC 2047 encoded-words. A `method=result` pair is never lost.

One pass over the value and no backtracking: comments are counted, not recursed into, and a parenthesis or quote that
is never closed is found out once and then taken as it stands.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from mailtrace.auth.types import MethodClaim
from mailtrace.message.encoded import decode_words

METHODS = frozenset(
    {
        "arc",
        "auth",
        "bimi",
        "compauth",  # Exchange Online: its own combination of the others
        "dara",
        "dkim",
        "dkim-adsp",
        "dkim-atps",
        "dmarc",
        "dnswl",
        "domainkeys",
        "iprev",
        "rrvs",
        "sender-id",
        "smime",
        "spf",
        "vbr",
    }
)
"""Methods that begin a new result even where the semicolon before them is missing."""

_PLAIN_PROPERTIES = frozenset({"reason", "action"})
"""Written without a ptype: `reason` by RFC 8601 §2.2, `action` by Exchange Online."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedResults:
    """One field, read."""

    authserv_id: str | None
    """As written; None where the field names none. For Received-SPF: the receiver."""
    version: str | None
    """The version behind the authserv-id (`1`); None if absent."""
    instance: int | None
    """`i=` of an ARC-Authentication-Results (RFC 8617 §4.1.1); None elsewhere."""
    results: tuple[MethodClaim, ...]
    """In the order written; empty for `none`. Keys of `properties` are in lower case: `ptype.property` as RFC 8601
    has it; `reason` and `action`; `version`, where the method has one; `comment`, the text of all comments of this
    result, which is where receivers put facts such as `p=REJECT sp=REJECT dis=NONE` or `sender IP is 192.0.2.1`. A key
    that is written again is numbered: `header.i#2`."""


class _Kind(Enum):
    WORD = auto()
    QUOTED = auto()
    COMMENT = auto()
    EQUALS = auto()
    SEMICOLON = auto()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: _Kind
    text: str
    glued: bool
    """No white space or comment stands before it."""


_SPACE = re.compile(r"\s+")
_WORD = re.compile(r'[^\s;()"=]+')
_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
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


@dataclass(frozen=True, slots=True)
class _Item:
    """A pair (`key` set), a comment (`is_comment`) or a bare word."""

    text: str
    key: str | None = None
    is_comment: bool = False


def _segments(tokens: Sequence[_Token]) -> Iterator[tuple[_Item, ...]]:
    start = 0
    for at, token in enumerate(tokens):
        if token.kind is _Kind.SEMICOLON:
            yield tuple(_items(tokens[start:at]))
            start = at + 1
    yield tuple(_items(tokens[start:]))


def _items(tokens: Sequence[_Token]) -> Iterator[_Item]:
    words: list[str] = []  # not yet known to be a key or bare
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token.kind is _Kind.COMMENT:
            yield _Item(token.text, is_comment=True)
        elif token.kind is not _Kind.EQUALS:
            words.append(token.text)
        else:
            key, bare = _split_key(words)
            words = []
            yield from (_Item(word) for word in bare)
            value, comments, at = _read_value(tokens, at)
            yield from (_Item(comment, is_comment=True) for comment in comments)
            yield _Item(value, key=key.lower())
    yield from (_Item(word) for word in words)


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


@dataclass(slots=True)
class _Draft:
    """A result that is still being read; values are kept in parts, so that appending costs nothing."""

    method: str
    result: str
    properties: dict[str, list[str]] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    last: list[str] | None = None

    def add(self, key: str, value: str) -> None:
        self.seen[key] = count = self.seen.get(key, 0) + 1
        self.last = self.properties[key if count == 1 else f"{key}#{count}"] = [value]

    def extend(self, item: _Item, *, first: bool) -> None:
        if item.key is not None:
            self.add(item.key, item.text)
        elif self.last is not None and not first:
            self.last.append(item.text)  # a value with blanks that nobody quoted

    def finished(self) -> MethodClaim:
        properties = {key: " ".join(parts) for key, parts in self.properties.items()}
        comment = "; ".join(self.comments) if self.comments else None
        if comment is not None:
            properties.setdefault("comment", comment)
        return MethodClaim(
            method=self.method,
            result=self.result.lower(),
            properties=properties,
            reason=properties.get("reason"),
            comment=comment,
        )


def _starts_result(key: str, *, first: bool) -> bool:
    if "." in key or key in _PLAIN_PROPERTIES:
        return False
    return first or key.partition("/")[0] in METHODS


def _read_results(segment: Sequence[_Item], drafts: list[_Draft]) -> None:
    """Add the results of one segment; a property that opens it belongs to the result before."""
    first, waiting = True, list[str]()
    for item in segment:
        if item.key is not None and _starts_result(item.key, first=first):
            method, _, version = item.key.partition("/")
            drafts.append(_Draft(method, item.text, comments=waiting))
            if version:
                drafts[-1].add("version", version)
            first, waiting = False, []
        elif item.is_comment:
            (waiting if first else drafts[-1].comments).append(item.text)
        elif drafts:
            drafts[-1].extend(item, first=first)


def _readable(value: str) -> list[list[_Item]]:
    """Decode, and cut into segments that hold something."""
    segments = _segments(tuple(_tokens(decode_words(value))))
    return [list(segment) for segment in segments if segment]


def _take_instance(segments: list[list[_Item]]) -> int | None:
    """Take `i=1` off the front (RFC 8617 §4.1.1)."""
    if not segments or segments[0][0].key != "i" or not _is_number(segments[0][0].text):
        return None
    instance = int(segments[0].pop(0).text)
    if not segments[0]:
        segments.pop(0)
    return instance


def _take_authserv_id(segments: list[list[_Item]]) -> tuple[str | None, str | None]:
    """Take the authserv-id and its version off the front; a field that begins with a result has none."""
    head = [item for item in segments[0] if not item.is_comment] if segments else []
    if not head or head[0].key is not None:
        return None, None
    bare = next((at for at, item in enumerate(head) if item.key is not None), len(head))
    segments[0] = head[bare:]
    version = head[1].text if bare > 1 and _is_number(head[1].text) else None
    if head[0].text.lower() == "none" and len(segments) == 1:
        return None, None
    return head[0].text, version


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def parse_results(value: str) -> ParsedResults:
    """Read the value of an Authentication-Results or ARC-Authentication-Results field. Never raises.

    >>> parsed = parse_results("mx.example.net; spf=pass smtp.mailfrom=<>; dmarc=fail (p=NONE) header.from=")
    >>> parsed.authserv_id, [(claim.method, claim.result) for claim in parsed.results]
    ('mx.example.net', [('spf', 'pass'), ('dmarc', 'fail')])
    """
    segments = _readable(value)
    instance = _take_instance(segments)
    authserv_id, version = _take_authserv_id(segments)
    drafts: list[_Draft] = []
    for segment in segments:
        _read_results(segment, drafts)
    return ParsedResults(
        authserv_id=authserv_id,
        version=version,
        instance=instance,
        results=tuple(draft.finished() for draft in drafts),
    )


def parse_received_spf(value: str) -> ParsedResults:
    """Read the value of a Received-SPF field: one claim of the method `spf`. Never raises.

    The properties have the names of RFC 7208 §9.1 (`client-ip`, `envelope-from`, `helo`, `identity`, ...). The
    authserv-id is the `receiver`, else the host that begins the comment (`google.com: domain of ...`).

    >>> parse_received_spf("Pass (mailfrom) identity=mailfrom; client-ip=192.0.2.1").results[0].properties["client-ip"]
    '192.0.2.1'
    """
    draft = _Draft("spf", "")
    for item in (item for segment in _readable(value) for item in segment):
        if item.is_comment:
            draft.comments.append(item.text)
        elif item.key is None and not draft.result:
            draft.result = item.text
        else:
            draft.extend(item, first=False)
    claim = draft.finished()
    return ParsedResults(
        authserv_id=_receiver_of(claim),
        version=None,
        instance=None,
        results=(claim,) if claim.result or claim.properties else (),
    )


def _receiver_of(claim: MethodClaim) -> str | None:
    receiver = claim.properties.get("receiver", "").strip("<>")
    if receiver and receiver.upper() != "UNKNOWN":
        return receiver
    host, colon, _ = claim.properties.get("comment", "").partition(": ")
    return host if colon and "." in host and " " not in host else None
