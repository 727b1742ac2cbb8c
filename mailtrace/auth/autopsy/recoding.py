"""Texts whose transfer encoding was changed, with a footer put to them or not: decoded, cut, and encoded again."""

from collections.abc import Iterator
from itertools import accumulate, chain, islice, product
from typing import TYPE_CHECKING

from mailtrace.auth.autopsy.anatomy import Anatomy
from mailtrace.auth.autopsy.body_repairs import BodyRepair, Change
from mailtrace.auth.autopsy.cuts import footer_starts, text_ends
from mailtrace.auth.autopsy.encoders import Coded, base64_lines, decoded, encodings
from mailtrace.auth.autopsy.mime import Part
from mailtrace.auth.autopsy.steps import Kind
from mailtrace.auth.dkim_body import CRLF
from mailtrace.records import Struct

if TYPE_CHECKING:
    from mailtrace.auth.autopsy.text import Piece

MAX_RECODED = 128 * 1024
"""Octets of a part that is recoded."""

_CUTS = 5
"""Places at which a decoded text is cut."""

_PLAIN = (None, b"7bit", b"8bit")

_FIELD = b"Content-Transfer-Encoding: "


class _Form(Struct, frozen=True, kw_only=True):
    """A part as it may have been."""

    leaf: Part
    encoding: bytes | None
    """None: the part did not name one."""
    content: Coded
    cut: bytes
    """The text that was put to it, decoded."""

    @property
    def is_recoded(self) -> bool:
        return (self.encoding or b"7bit") != self.leaf.encoding


def recoded(body: Anatomy) -> Iterator[BodyRepair]:
    """Recode all texts alike, or one: first as they are, then without what may have been put to them."""
    texts = [leaf for leaf in body.leaves if leaf.type.startswith(b"text/")][:3]
    contents = [_content(body, leaf) for leaf in texts]
    if len(contents) > 1:
        whole = (_forms(each, cut=False) for each in contents)
        yield from (_repair(body, same) for same in zip(*whole, strict=False))
        yield from _both_cut(body, contents[:2])
    for each in contents:
        for form in chain(_forms(each, cut=False), _forms(each, cut=True)):
            yield _repair(body, (form,))


def _both_cut(body: Anatomy, contents: list["_Content | None"]) -> Iterator[BodyRepair]:
    """Recode two texts alike, both without what was put to them: as they are without an encoding, the likeliest."""
    plain = [list(_forms(each, cut=True, plain=True)) for each in contents]
    for encoding in _PLAIN:
        alike = [[each for each in of_leaf if each.encoding == encoding][:6] for of_leaf in plain]
        for pair in product(*alike):
            yield _repair(body, pair)


def rewrapped(body: Anatomy) -> Iterator[BodyRepair]:
    """Cut the base64 of every file into lines of another length; a part may have been put at the end as well."""
    files = [leaf for leaf in body.leaves if leaf.encoding == b"base64"][:8]
    if sum(leaf.body.stop - leaf.body.start for leaf in files) > MAX_RECODED // 40:
        return
    last = body.tree.parts[-1] if len(body.tree.parts) > 1 else None
    for width in (76, 72, 64, 60):
        forms = tuple(
            _Form(leaf=leaf, encoding=b"base64", content=(b"", base64_lines(text, width)), cut=b"")
            for leaf in files
            if (text := decoded(b"".join(body.lines[leaf.body]), b"base64")) is not None
        )
        if forms:
            yield _repair(body, forms)
        if last is not None and (kept := tuple(form for form in forms if form.leaf.first < last.first)):
            yield _without_last(body, kept, last)


def _without_last(body: Anatomy, forms: tuple[_Form, ...], last: Part) -> BodyRepair:
    repair = _repair(body, forms, until=last.first)
    end = len(body.lines) if body.tree.close is None else body.tree.close
    added = Change(kind=Kind.PART_ADDED, where="body", added=(slice(last.first, end),))
    draft = (*repair.draft, slice(end, len(body.lines)))
    return BodyRepair(draft=draft, undoes=lambda: (added, *repair.changes))


class _Content(Struct, frozen=True, kw_only=True):
    """The content of a part, and what it may have been before a text was put to it."""

    leaf: Part
    whole: bool
    """The part is the whole body."""
    raw: bytes
    text: bytes
    """Decoded."""
    cuts: list[tuple[bytes, bytes]]
    """What may have been kept of the text, and what was put to it."""
    head: bytes
    """Lines in which all of these begin."""


def _content(body: Anatomy, leaf: Part) -> _Content | None:
    """Decode a part; None for one that is too long, or in an encoding that is not known."""
    raw = b"".join(body.lines[leaf.body])
    text = decoded(raw, leaf.encoding) if len(raw) <= MAX_RECODED else None
    if text is None:
        return None
    whole = leaf is body.tree
    cuts = list(_cut_texts(text, leaf, whole=whole))
    head = _beginning(text, min((len(kept) for kept, _ in cuts), default=len(text)))
    return _Content(leaf=leaf, whole=whole, raw=raw, text=text, cuts=cuts, head=head)


def _forms(content: _Content | None, *, cut: bool, plain: bool = False) -> Iterator[_Form]:
    """Yield a part in other encodings, each once: as a whole, or cut; or only without an encoding (`plain`)."""
    if content is None:
        return
    leaf, head, whole = content.leaf, content.head, content.whole
    seen: set[tuple[bytes | None, Coded]] = set()
    for kept, rest in content.cuts if cut else [(content.text, b"")]:
        ascii_only = kept.isascii()
        for name, found in islice(encodings(head, kept[len(head) :]), 1 if plain else None):
            coded = found if whole else _ended(found)
            for encoding in _names(name, leaf, whole=whole, ascii_only=ascii_only):
                if (rest or b"".join(coded) != content.raw) and (encoding, coded) not in seen:
                    seen.add((encoding, coded))
                    yield _Form(leaf=leaf, encoding=encoding, content=coded, cut=rest)


def _beginning(text: bytes, shortest: int) -> bytes:
    """Return the lines in which all forms begin, the shortest of which has so many octets; not the last two of them."""
    end = text.rfind(b"\n", 0, shortest)
    return text[: text.rfind(b"\n", 0, max(0, end)) + 1]


def _ended(coded: Coded) -> Coded:
    """Return lines of which the last has its end."""
    head, rest = coded
    return coded if (rest or head).endswith(CRLF) else (head, rest + CRLF)


def _names(name: bytes, leaf: Part, *, whole: bool, ascii_only: bool) -> tuple[bytes | None, ...]:
    """Return what the part may have named: of a text that needs no encoding it may have named none."""
    if name != b"8bit":
        return (name,)
    if whole:
        return (b"7bit" if ascii_only else b"8bit",)
    if leaf.encoding in (b"7bit", b"8bit", b"binary"):
        return (leaf.encoding,)
    return (None, b"7bit") if ascii_only else (b"8bit",)


def _cut_texts(text: bytes, leaf: Part, *, whole: bool) -> Iterator[tuple[bytes, bytes]]:
    """Yield a text without what may have been put to it, and that; the end of the last line may have come with it."""
    lines = text.splitlines(keepends=True)
    ends = text_ends(lines, slice(0, len(lines)), html=leaf.type == b"text/html")[:3]
    starts = [list(islice(footer_starts(lines, slice(0, end)), _CUTS)) for end in ends]
    at = [0, *accumulate(map(len, lines))]
    for rank in range(_CUTS):
        for end, of_end in zip(ends, starts, strict=True):
            if rank >= len(of_end):
                continue
            kept, cut, rest = text[: at[of_end[rank]]], text[at[of_end[rank]] : at[end]], text[at[end] :]
            yield kept + rest, cut
            if not rest and not (whole and leaf.encoding != b"base64"):
                yield kept.removesuffix(b"\n").removesuffix(b"\r"), cut


def _repair(body: Anatomy, forms: tuple[_Form, ...], *, until: int | None = None) -> BodyRepair:
    draft: list[Piece] = []
    at = 0
    for form in forms:
        begin = form.leaf.body.start
        header = form.is_recoded and form.leaf is not body.tree
        start = form.leaf.first + 1 if header else begin
        draft += [slice(at, start), _header(body.lines[start:begin], form.encoding), *form.content]
        at = form.leaf.body.stop
    draft.append(slice(at, len(body.lines) if until is None else until))
    only = forms[0] if forms[0].leaf is body.tree else None
    implied = () if only is None or not only.is_recoded else _implied(only.encoding)
    return BodyRepair(
        draft=tuple(piece for piece in draft if not isinstance(piece, bytes) or piece),
        undoes=lambda: tuple(change for form in forms for change in _changes(body, form)),
        implied=implied,
    )


def _implied(encoding: bytes | None) -> tuple[tuple[str, bytes | None], ...]:
    return (("content-transfer-encoding", None if encoding is None else _FIELD + encoding + CRLF),)


def _header(lines: list[bytes], encoding: bytes | None) -> bytes:
    """Return a part's header with another encoding named in it, or none."""
    if not lines:
        return b""
    field = [] if encoding is None else [_FIELD + encoding + CRLF]
    named = next((n for n, line in enumerate(lines) if line.lower().startswith(_FIELD[:-2].lower())), None)
    if named is None:
        return b"".join([*lines[:-1], *field, *lines[-1:]])
    return b"".join([*lines[:named], *field, *lines[named + 1 :]])


_SHOWN = 1 << 13
"""Octets in which the first lines are looked for."""


def _first_lines(octets: bytes) -> bytes:
    """Return two."""
    first = octets.find(b"\n") + 1
    second = octets.find(b"\n", first) + 1 if first else 0
    return octets[:second] if second else octets


def _changes(body: Anatomy, form: _Form) -> Iterator[Change]:
    where = body.place(form.leaf)
    if form.cut:
        yield Change(kind=Kind.FOOTER_ADDED, where=where, added=(form.cut,))
    if form.is_recoded or not form.cut:
        now = b"".join(body.lines[form.leaf.body.start : min(form.leaf.body.start + 2, form.leaf.body.stop)])
        head, rest = form.content
        then = _first_lines(head[:_SHOWN] if len(head) >= _SHOWN else head + rest[:_SHOWN])
        yield Change(kind=Kind.RE_ENCODED, where=where, added=(now,), removed=then)
