"""Bodies as they may have been: without what lists, gateways and attackers add. The cheapest and likeliest first."""

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import chain, cycle, islice, product, zip_longest

from mailtrace.auth.autopsy.anatomy import Anatomy
from mailtrace.auth.autopsy.cuts import banner_ends, footer_starts, html_starts, marked_footers, text_ends
from mailtrace.auth.autopsy.mime import Part
from mailtrace.auth.autopsy.steps import Kind
from mailtrace.auth.autopsy.text import Draft, Key, Piece, key_of
from mailtrace.records import Struct


class Change(Struct, frozen=True, kw_only=True):
    """What a repair undoes, still unread."""

    kind: Kind
    where: str
    added: tuple[Piece, ...] = ()
    removed: bytes = b""


class BodyRepair(Struct, frozen=True, kw_only=True, dict=True, gc=True):
    """A body as it may have been."""

    draft: Draft
    undoes: Callable[[], tuple[Change, ...]]
    """Works out what it undoes: of a hundred repairs one is asked."""
    implied: tuple[tuple[str, bytes | None], ...] = ()
    """Content fields that the message must have had with this body; None: it had none."""

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What it undoes."""
        return self.undoes()

    @cached_property
    def key(self) -> Key:
        """The draft as something that can be remembered."""
        return key_of(self.draft)


def told(*changes: Change) -> Callable[[], tuple[Change, ...]]:
    """Return what gives changes that are known already."""
    return lambda: changes


class Family(Struct, frozen=True, kw_only=True):
    """Repairs of one sort."""

    name: str
    """In words, for the list of what was tried."""
    repairs: Callable[[Anatomy], Iterator[BodyRepair]]
    most: int
    """Repairs that are tried at the most."""


def unwrapped(body: Anatomy) -> Iterator[BodyRepair]:
    """Take one part for the whole: something was wrapped around it, and parts were put beside it."""
    tree = body.tree
    for part in tree.parts[:3]:
        implied = [(name, part.fields.get(name.encode())) for name in ("content-type", "content-transfer-encoding")]
        others = tuple(other.body for other in tree.parts if other is not part)
        yield BodyRepair(
            draft=(part.body,),
            undoes=told(Change(kind=Kind.PART_ADDED, where="body", added=others)),
            implied=tuple(implied),
        )


def without_last(body: Anatomy) -> Iterator[BodyRepair]:
    """Take away the last part."""
    tree = body.tree
    if tree.parts and tree.close is not None:
        last = tree.parts[-1].first
        yield _without(slice(0, last), slice(tree.close, len(body.lines)), slice(last, tree.close))


def without_parts(body: Anatomy) -> Iterator[BodyRepair]:
    """Take away the last part, the first, or both: they were put beside the others."""
    tree = body.tree
    if len(tree.parts) < 2:
        return
    end = len(body.lines) if tree.close is None else tree.close
    rest = slice(end, len(body.lines))
    first, second, last = tree.parts[0], tree.parts[1], tree.parts[-1]
    yield _without(slice(0, last.first), rest, slice(last.first, end))
    yield _without(slice(0, first.first), slice(second.first, len(body.lines)), slice(first.first, second.first))
    if len(tree.parts) > 2:
        outer = (slice(first.first, second.first), slice(last.first, end))
        draft = (slice(0, first.first), slice(second.first, last.first), rest)
        added = [Change(kind=Kind.PART_ADDED, where="body", added=(each,)) for each in outer]
        yield BodyRepair(draft=draft, undoes=told(*added))


def _without(before: slice, after: slice, added: slice) -> BodyRepair:
    change = Change(kind=Kind.PART_ADDED, where="body", added=(added,))
    return BodyRepair(draft=(before, after), undoes=told(change))


def footers(body: Anatomy) -> Iterator[BodyRepair]:
    """Cut the end of the body: of a text anywhere, of a multipart only what is behind its last delimiter."""
    lines, tree = body.lines, body.tree
    whole = len(lines)
    if tree.parts:
        if tree.close is None:
            return
        yield _footer(slice(0, tree.close + 1), slice(tree.close + 1, whole))
    region = slice(tree.close + 1 if tree.parts and tree.close is not None else 0, whole)
    for at in footer_starts(lines, region):
        yield _footer(slice(0, at), slice(at, whole))


def _footer(kept: slice, added: slice) -> BodyRepair:
    return BodyRepair(draft=(kept,), undoes=told(Change(kind=Kind.FOOTER_ADDED, where="body", added=(added,))))


def banners(body: Anatomy) -> Iterator[BodyRepair]:
    """Cut the beginning of the body."""
    whole = len(body.lines)
    for at in banner_ends(body.lines, slice(0, whole)):
        added = Change(kind=Kind.HEADER_PART_ADDED, where="body", added=(slice(0, at),))
        yield BodyRepair(draft=(slice(at, whole),), undoes=told(added))


def banners_and_footers(body: Anatomy) -> Iterator[BodyRepair]:
    """Cut both ends."""
    whole = len(body.lines)
    region = slice(0, whole)
    tops = list(islice(banner_ends(body.lines, region), 6))
    for begin, end in product(tops, marked_footers(body.lines, region, 6)):
        if begin < end:
            changes = (
                Change(kind=Kind.HEADER_PART_ADDED, where="body", added=(slice(0, begin),)),
                Change(kind=Kind.FOOTER_ADDED, where="body", added=(slice(end, whole),)),
            )
            yield BodyRepair(draft=(slice(begin, end),), undoes=told(*changes))


def _texts(body: Anatomy) -> list[Part]:
    return [leaf for leaf in body.leaves if leaf.type.startswith(b"text/")][:4]


def part_footers(body: Anatomy) -> Iterator[BodyRepair]:
    """Cut the end of a text that is a part of the body, or of two texts at once."""
    if not body.tree.parts:
        yield from (
            _removed(body, [(leaf, cut)], Kind.FOOTER_ADDED) for leaf in body.leaves for cut in part_ends(body, leaf, 8)
        )
        return
    texts = _texts(body)
    cuts = [(leaf, list(part_ends(body, leaf, 24))) for leaf in texts]
    # In turn, so that no text uses up what is allowed for all.
    for rank in range(24):
        for leaf, of_leaf in cuts:
            if rank < len(of_leaf):
                yield _removed(body, [(leaf, of_leaf[rank])], Kind.FOOTER_ADDED)
        if rank == 3:
            yield from _both(body, cuts, 4)
    yield from _both(body, cuts, 7)


def _both(
    body: Anatomy, cuts: list[tuple[Part, list[slice]]], most: int, kind: Kind = Kind.FOOTER_ADDED
) -> Iterator[BodyRepair]:
    if len(cuts) > 1:
        (one, its_cuts), (other, other_cuts) = cuts[0], cuts[1]
        for first, second in product(its_cuts[:most], other_cuts[:most]):
            yield _removed(body, [(one, first), (other, second)], kind)


def part_ends(body: Anatomy, leaf: Part, most: int = 8) -> Iterator[slice]:
    """Yield what may have been put at the end of a part: of HTML before its closing tags."""
    ends = text_ends(body.lines, leaf.body, html=leaf.type == b"text/html")
    for end in ends:
        for at in islice(footer_starts(body.lines, slice(leaf.body.start, end)), most):
            if end < leaf.body.stop or body.tree.parts:
                yield slice(at, end)


def part_banners(body: Anatomy) -> Iterator[BodyRepair]:
    """Cut the beginning of a text that is a part of the body, or of two texts at once."""
    tops = [(leaf, list(part_tops(body, leaf))) for leaf in _texts(body)]
    for rank in range(8):
        for leaf, of_leaf in tops:
            if rank < len(of_leaf):
                yield _removed(body, [(leaf, of_leaf[rank])], Kind.HEADER_PART_ADDED)
        if rank == 2:
            yield from _both(body, tops, 3, Kind.HEADER_PART_ADDED)
    yield from _both(body, tops, 4, Kind.HEADER_PART_ADDED)


def part_banners_and_footers(body: Anatomy) -> Iterator[BodyRepair]:
    """Cut both ends of two texts, then those of one: what a gateway puts above and below. Of HTML inside its body."""
    ends = [of_leaf for leaf in _texts(body)[:2] if (of_leaf := _both_ends(body, leaf))]
    pairs: list[list[_Ends]] = []
    if len(ends) > 1:
        ranks = sorted(product(range(5), range(5)), key=sum)
        pairs = [[ends[0][one], ends[1][two]] for one, two in ranks if one < len(ends[0]) and two < len(ends[1])]
    alone = [[each] for each in chain(*zip_longest(*ends)) if each is not None]
    for chosen in (*pairs[:3], *alone[:6], *pairs[3:], *alone[6:]):
        yield _cut_at_both_ends(body, chosen)


_Ends = tuple[Part, slice, slice]


def _both_ends(body: Anatomy, leaf: Part) -> list[_Ends]:
    """Return the likeliest pairs of what may stand above a text and below it, and leave something of it."""
    tops, cuts = list(islice(part_tops(body, leaf), 5)), list(islice(part_ends(body, leaf, 5), 10))
    cuts = [cut for cut in cuts if b"".join(body.lines[cut]).strip()]
    ranks = sorted(product(range(len(tops)), range(len(cuts))), key=sum)
    return [(leaf, tops[top], cuts[end]) for top, end in ranks if tops[top].stop < cuts[end].start][:8]


def _cut_at_both_ends(body: Anatomy, cuts: list[_Ends]) -> BodyRepair:
    pieces = [(leaf, piece) for leaf, top, end in cuts for piece in (top, end)]
    kinds = (Kind.HEADER_PART_ADDED, Kind.FOOTER_ADDED)
    return _removed(body, pieces, *kinds)


def part_tops(body: Anatomy, leaf: Part) -> Iterator[slice]:
    """Yield what may have been put at the beginning of a part: of HTML behind the opening tag of its body."""
    starts = html_starts(body.lines, leaf.body) if leaf.type == b"text/html" else [leaf.body.start]
    for start in starts:
        for at in islice(banner_ends(body.lines, slice(start, leaf.body.stop)), 8):
            if start or body.tree.parts:
                yield slice(start, at)


def _removed(body: Anatomy, cuts: list[tuple[Part, slice]], *kinds: Kind) -> BodyRepair:
    """Return the body without some ranges, each in a part of its own; their kinds in turn."""
    draft: list[Piece] = []
    at = 0
    for _, cut in cuts:
        draft.append(slice(at, cut.start))
        at = cut.stop
    draft.append(slice(at, len(body.lines)))
    return BodyRepair(
        draft=tuple(draft),
        undoes=lambda: tuple(
            Change(kind=kind, where=body.place(leaf), added=(cut,))
            for (leaf, cut), kind in zip(cuts, cycle(kinds), strict=False)
        ),
    )
