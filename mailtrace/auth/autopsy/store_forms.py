"""Bodies as a mail store gives them out again: fields put into the headers of parts, and the head of HTML written anew.

Exchange Online does both (docs/alterations.md says who observed it, and that we did not). Its filters put fields of
their own into the header of every part. Its store takes HTML apart and names the charset of it in a `meta` of its own,
behind the opening tag of the head; line ends between the tags above are lost, and another `meta` that names a charset.
Undone is only a `meta` that names the charset which the part's own header names: another would change what is read.
"""

import re
from collections.abc import Iterator
from itertools import islice, product

from mailtrace.auth.autopsy.anatomy import Anatomy
from mailtrace.auth.autopsy.body_repairs import BodyRepair, Change
from mailtrace.auth.autopsy.mime import Part
from mailtrace.auth.autopsy.part_edits import PartEdit, coded_like, text_of, with_edits
from mailtrace.auth.autopsy.steps import Kind
from mailtrace.auth.dkim_body import CRLF

_OWN_FIELD = re.compile(rb"X-(?:MS|Microsoft|EOP|Forefront)-[A-Za-z0-9-]{1,80}:", re.IGNORECASE)
"""Fields that Exchange alone writes, and that no program shows."""

_META = re.compile(rb'<meta http-equiv="Content-Type" content="text/html; charset=([A-Za-z0-9._-]{1,40})"[ \t]{0,4}/?>')
_CHARSET = re.compile(rb';[ \t\r\n]{0,80}charset[ \t]{0,8}=[ \t]{0,8}"?([^\s;"]{1,60})', re.IGNORECASE)
_HEAD = re.compile(rb"<head\b[^<>]{0,400}>[ \t\r\n]{0,80}\Z", re.IGNORECASE)
_EMPTY_HEAD = re.compile(rb"[ \t\r\n]{0,8}</head>", re.IGNORECASE)
_LINE_BEFORE_TAG = re.compile(rb">(?=<)")
_BLANK_LINE = re.compile(rb"\r\n([ \t]{0,80})\r\n")

_NEAR = 8192
"""Octets from the beginning of HTML in which its head is looked at."""

_METAS = (
    b'<meta charset="utf-8">',
    b'<meta charset="UTF-8">',
    b'<meta charset="utf-8" />',
    b'<meta charset="utf-8"/>',
    b'<meta charset="UTF-8" />',
    b'<meta charset="UTF-8"/>',
    b"<meta charset=utf-8>",
    b'<meta http-equiv="Content-Type" content="text/html; charset=utf-8">',
    b'<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">',
    b'<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />',
    b'<meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />',
    b'<meta http-equiv="content-type" content="text/html; charset=UTF-8">',
    b'<meta http-equiv="content-type" content="text/html; charset=utf-8">',
)
"""What authors write, the commonest first."""


def stored(body: Anatomy) -> Iterator[BodyRepair]:
    """Take out of a body what a mail store put into it; nothing is tried where no trace of one is there."""
    kept = [edit for part in _parts(body.tree) for edit in _own_fields(body, part)]
    if kept:
        yield with_edits(body, kept)
    leaves = [leaf for leaf in body.leaves if leaf.type == b"text/html" and _has_meta(body, leaf)][:2]
    # Of two texts in HTML both are taken to have been changed alike.
    for edits in zip(*(_html(body, leaf) for leaf in leaves), strict=False) if leaves else ():
        yield with_edits(body, [*kept, *edits])


def _parts(part: Part) -> Iterator[Part]:
    for each in part.parts:
        yield each
        yield from _parts(each)


def _own_fields(body: Anatomy, part: Part) -> list[PartEdit]:
    """Return the fields in the header of a part that Exchange put there, each with its folding."""
    found, start = [], None
    header = range(part.first + 1, part.body.start)
    for at in header:
        line = body.lines[at]
        if line[:1] in b" \t" and line.strip():
            start = None if start is not None and _has_bare_ends(line) else start
            continue
        if start is not None:
            found.append(slice(start, at))
        start = at if _OWN_FIELD.match(line) and not _has_bare_ends(line) else None
    where = body.place(part) if not part.parts else "body"
    return [
        PartEdit(lines=lines, octets=b"", change=Change(kind=Kind.PART_FIELDS_ADDED, where=where, added=(lines,)))
        for lines in found
    ]


def _has_bare_ends(line: bytes) -> bool:
    """Tell whether a program may take this line for several: another field may be in it."""
    return b"\r" in line.removesuffix(CRLF) or b"\n" in line.removesuffix(CRLF)


def _has_meta(body: Anatomy, leaf: Part) -> bool:
    text = text_of(body, leaf)
    meta = _META.search(text[:_NEAR])
    return meta is not None and _says_the_same(meta[1], leaf)


def _html(body: Anatomy, leaf: Part) -> Iterator[PartEdit]:
    """Yield the text of HTML as it may have been."""
    raw, text = b"".join(body.lines[leaf.body]), text_of(body, leaf)
    meta = _META.search(text)
    assert meta is not None
    for then, gone in islice(_texts(text, meta), 60):
        for octets in coded_like(then, leaf, raw):
            change = Change(kind=Kind.HTML_HEAD, where=body.place(leaf), added=(meta[0],), removed=gone)
            yield PartEdit(lines=leaf.body, octets=octets, change=change)


def _says_the_same(charset: bytes, leaf: Part) -> bool:
    own = _CHARSET.search(leaf.fields.get(b"content-type", b""))
    return own is not None and own[1].lower() == charset.lower()


def _texts(text: bytes, meta: re.Match[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield HTML without the `meta` that was put into it, and what stood there instead; the likeliest first."""
    before, behind = text[: meta.start()], text[meta.end() :]
    head = _HEAD.search(before)
    if head is None:
        # A piece of HTML without a head has it in front.
        yield before + behind, b""
        yield before + behind.removeprefix(CRLF), b""
        return
    above = before[: head.end()].rstrip(b" \t\r\n")
    split = _LINE_BEFORE_TAG.sub(b">\r\n", above)
    tops = tuple(dict.fromkeys((above, split)))
    for top, gap in product(tops, (b"", CRLF)):
        yield top + gap + behind, b""
    if above.endswith(b"<head>") and (empty := _EMPTY_HEAD.match(behind)):
        # Where there was no head, all of it came with the meta.
        for top in tops:
            for rest in (behind[empty.end() :], behind[empty.end() :].removeprefix(CRLF)):
                yield top.removesuffix(b"<head>") + rest, b""
    yield from _named_otherwise(tops, behind, before[: head.end()])


def _named_otherwise(tops: tuple[bytes, ...], behind: bytes, found: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Put a `meta` of the author's back: in the place of the new one, or in a line that is empty now."""
    gaps = tuple(_BLANK_LINE.finditer(behind[:_NEAR]))[:1]
    for meta in _METAS:
        for blank in gaps:
            filled = behind[: blank.end(1)] + meta + behind[blank.end(1) :]
            for top, gap in product(tops[::-1], (CRLF, b"")):
                yield top + gap + filled, meta
        if found.endswith(b"\n"):
            for top in tops[::-1]:
                yield top + CRLF + meta + behind, meta
