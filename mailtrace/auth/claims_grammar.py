"""Authentication-Results (RFC 8601 §2.2) and Received-SPF (RFC 7208 §9.1): from the field's value to claims.

The grammar is read in full: versions, nested comments, `reason=`, quoted strings, `none`. So is what receivers write
outside it: no authserv-id (Exchange Online), a final semicolon (Yahoo), IPv6 addresses and `<>` without quotes, empty
values, missing semicolons, UTF-8, and whole fields in RFC 2047 encoded-words. A `method=result` pair is never lost.
"""

from collections.abc import Sequence

from mailtrace.auth.claims_tokens import Item, readable
from mailtrace.auth.types import MethodClaim
from mailtrace.records import Mutable, Struct, field

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


class ParsedResults(Struct, frozen=True, kw_only=True):
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


class _Draft(Mutable):
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

    def extend(self, item: Item, *, first: bool) -> None:
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


def _read_results(segment: Sequence[Item], drafts: list[_Draft]) -> None:
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


def _take_instance(segments: list[list[Item]]) -> int | None:
    """Take `i=1` off the front (RFC 8617 §4.1.1)."""
    if not segments or segments[0][0].key != "i" or not _is_number(segments[0][0].text):
        return None
    instance = int(segments[0].pop(0).text)
    if not segments[0]:
        segments.pop(0)
    return instance


def _take_authserv_id(segments: list[list[Item]]) -> tuple[str | None, str | None]:
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
    segments = readable(value)
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
    for item in (item for segment in readable(value) for item in segment):
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
