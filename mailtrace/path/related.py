"""Related fields: what else in the header tells of a hop, joined to the hop it belongs to.

Every server writes its fields above what it received (RFC 5321 §4.4). So a field belongs to the handling that the next
Received field *below* it records: the server that wrote that one had the message, and wrote on top. What stands below
all of them belongs to no hop: the sender's program wrote it, or software that puts its fields at the foot. A few
receivers write directly below their own Received field: `WRITES_BELOW` names them.

A field is as true as the hop it belongs to. Nothing here moves the border, names the client for SPF, or decides.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from mailtrace.findings import excerpt
from mailtrace.message.types import HeaderField
from mailtrace.path.addresses import read_address
from mailtrace.path.received import scan
from mailtrace.path.related_rows import RelatedRow, row_of
from mailtrace.path.types import Hop, Related, RelatedKind
from mailtrace.patterns import lazy
from mailtrace.records import Struct
from mailtrace.results import Standing

MOST = 64
"""Related fields that are kept of one hop; of the others it is said how many there are."""
MOST_IN_ALL = 1000
READ = 4096
"""Characters of a related field that are looked at."""


class WritesBelow(Struct, frozen=True, kw_only=True):
    """A receiver that writes some fields just below the Received field it wrote."""

    by: str
    """The host in that Received field."""
    fields: tuple[tuple[str, re.Pattern[str]], ...]
    """Each once: a name in lower case, and how the value begins, for the sender can write in that place as well."""


WRITES_BELOW = (
    WritesBelow(
        by="mx.google.com",
        fields=(
            ("received-spf", lazy(r"\w+ \(google\.com:")),
            ("authentication-results", lazy(r"mx\.google\.com;")),
        ),
    ),
    WritesBelow(
        by="smtp.subspace.kernel.org",
        fields=(
            ("arc-seal", lazy("")),
            ("arc-message-signature", lazy("")),
            ("arc-authentication-results", lazy(r"i=\d{1,2}; smtp\.subspace\.kernel\.org;")),
            *(("authentication-results", lazy(r"smtp\.subspace\.kernel\.org;")),) * 4,
        ),
    ),
)


class Joined(Struct, frozen=True, kw_only=True):
    """The related fields of one place, from the top."""

    fields: tuple[Related, ...] = ()
    left_out: int = 0
    """How many more there are."""


_NOTHING = Joined()


def join(fields: Sequence[HeaderField], hops: Sequence[Hop]) -> tuple[tuple[Joined, ...], Joined]:
    """Join the fields of a header to its hops (oldest first): one entry a hop, and what belongs to none."""
    kept: dict[int | None, list[Related]] = {}
    left_out: dict[int | None, int] = {}
    total = 0
    for field, row, hop, is_below in _placed(fields, hops):
        number = None if hop is None else hop.index
        place = kept.setdefault(number, [])
        if len(place) >= MOST or total >= MOST_IN_ALL:
            left_out[number] = left_out.get(number, 0) + 1
            continue
        total += 1
        vouched = hop is not None and hop.standing is Standing.TRUSTED and not is_below
        place.append(_related(field, row, Standing.TRUSTED if vouched else Standing.CLAIMED))
    joined = {number: Joined(fields=tuple(place), left_out=left_out.get(number, 0)) for number, place in kept.items()}
    return tuple(joined.get(hop.index, _NOTHING) for hop in hops), joined.get(None, _NOTHING)


def _placed(
    fields: Sequence[HeaderField], hops: Sequence[Hop]
) -> Iterator[tuple[HeaderField, RelatedRow, Hop | None, bool]]:
    """Yield each related field with its hop, from the top, and whether it stands below that hop's Received field."""
    waiting = list(hops)  # the newest last: the hop whose Received field comes next
    passed: Hop | None = None
    own: list[tuple[str, re.Pattern[str]]] = []
    for field in fields:
        if waiting and field.index == waiting[-1].header.index:
            passed = waiting.pop()
            own = _own_below(passed)
            continue
        name = field.name.lower()
        if not waiting and name == "received":
            return  # beyond what is read of the path, no place can be told
        mine = next((one for one in own if one[0] == name and one[1].match(field.value[:200])), None) if own else None
        if mine:
            own.remove(mine)
        else:
            own = []
        if row := row_of(field.name):
            hop = passed if mine else waiting[-1] if waiting else None
            yield field, row, hop, mine is not None


def _own_below(hop: Hop) -> list[tuple[str, re.Pattern[str]]]:
    by = (hop.received.by or "").lower()
    return [one for receiver in WRITES_BELOW if receiver.by == by for one in receiver.fields]


def _related(field: HeaderField, row: RelatedRow, standing: Standing) -> Related:
    value = field.value[:READ]
    view = scan(value) if row.kind is RelatedKind.VIEW else None
    return Related(
        name=field.name,
        field=field.index,
        line=field.line,
        kind=row.kind,
        meaning=row.meaning,
        standing=standing,
        value=excerpt(value),
        says=_says(row, value),
        address=view.client_ip if view else _address(row, value),
        at=view.received_at if view else None,
    )


_TAG_D = lazy(r"(?:^|;)\s{0,9}d\s{0,9}=\s{0,9}([^\s;]{1,255})")
_BRACKETED = lazy(r"<([^<>\s]{1,320})>")
_CIP = lazy(r"(?:^|;)\s{0,9}CIP:([^;\s]{1,80})", re.IGNORECASE)
_WORDS = lazy(r"[\s;,()=]+")


def _says(row: RelatedRow, value: str) -> str | None:
    found = _SAYS[row.kind](value) if row.kind in _SAYS else None
    return excerpt(found) or None if found else None


def _domain(value: str) -> str | None:
    match = _TAG_D.search(value)
    return match[1].lower().rstrip(".") if match else None


def _bracketed(value: str) -> str | None:
    """Return what stands in angle brackets; without any, the one word that there is; `<>` for the null path."""
    if value.strip() == "<>":
        return "<>"
    match = _BRACKETED.search(value)
    if match:
        return match[1]
    words = value.split()
    return words[0] if len(words) == 1 else None


def _first_word(value: str) -> str | None:
    words = value.replace(";", " ").split(maxsplit=1)
    return words[0] if words and "=" not in words[0] else None


def _whole(value: str) -> str | None:
    return value.strip()[:100] or None


_SAYS: dict[RelatedKind, Callable[[str], str | None]] = {
    RelatedKind.SIGNATURE: _domain,
    RelatedKind.SEAL: _domain,
    RelatedKind.STAMP: _first_word,
    RelatedKind.DELIVERY: _bracketed,
    RelatedKind.ENVELOPE: _bracketed,
    RelatedKind.LIST: _bracketed,
    RelatedKind.ACCOUNT: _bracketed,
    RelatedKind.FORWARDING: _whole,
    RelatedKind.RESENT: _whole,
    RelatedKind.PROGRAM: _whole,
}


def _address(row: RelatedRow, value: str) -> str | None:
    """Return the address that a field of a client or sender names: the first word that is one."""
    if row.kind is RelatedKind.SENDING:
        return read_address(value.rpartition("-")[2].strip())
    if row.kind is not RelatedKind.CLIENT:
        return None
    if match := _CIP.search(value):
        return read_address(match[1])
    words = _WORDS.split(value[:400])[:16]
    return next((address for word in words if (address := read_address(word))), None)
