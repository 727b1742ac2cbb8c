"""Texts put into HTML inside a line: gateways that read the markup put a notice behind `<body>` or before `</body>`.

Where they put it, elements end: what is tried are the places at which no element is open, nearest to the two ends. A
notice in the text beside it is cut by lines, as elsewhere.
"""

import re
from collections.abc import Iterator
from itertools import islice, product

from mailtrace.auth.autopsy.anatomy import Anatomy
from mailtrace.auth.autopsy.body_repairs import BodyRepair, Change, part_ends, part_tops
from mailtrace.auth.autopsy.mime import Part
from mailtrace.auth.autopsy.part_edits import PartEdit, coded_like, text_of, with_edits
from mailtrace.auth.autopsy.steps import Kind

_BODY = re.compile(rb"<body\b[^<>]{0,2000}>", re.IGNORECASE)
_END = re.compile(rb"</body\b", re.IGNORECASE)
_TAG = re.compile(
    rb"<(/?)(div|table|p|center|section|blockquote|ul|ol|h[1-6])\b[^<>]{0,2000}>|<(?:br|hr)\b[^<>]{0,200}>",
    re.IGNORECASE,
)

_PLACES = 4
"""Places from each end."""
_TAGS = 4000
"""Tags of one text that are looked at."""


def inside_lines(body: Anatomy) -> Iterator[BodyRepair]:
    """Cut a notice out of HTML, alone and with one that stands in the text beside it."""
    leaf = next((leaf for leaf in body.leaves if leaf.type == b"text/html"), None)
    if leaf is None:
        return
    beside = next((each for each in body.leaves if each.type == b"text/plain"), None)
    raw, text = b"".join(body.lines[leaf.body]), text_of(body, leaf)
    for kind, begin, end in _notices(text):
        change = Change(kind=kind, where=body.place(leaf), added=(text[begin:end],))
        for octets in islice(coded_like(text[:begin] + text[end:], leaf, raw), 2):
            edit = PartEdit(lines=leaf.body, octets=octets, change=change)
            yield with_edits(body, [edit])
            for cut in _beside(body, beside, kind):
                put = Change(kind=kind, where=body.place(beside) if beside else "body", added=(cut,))
                yield with_edits(body, [PartEdit(lines=cut, octets=b"", change=put), edit])


def _beside(body: Anatomy, leaf: Part | None, kind: Kind) -> list[slice]:
    if leaf is None or not body.tree.parts:
        return []
    found = part_tops(body, leaf) if kind is Kind.HEADER_PART_ADDED else part_ends(body, leaf)
    return [cut for cut in islice(found, 4) if b"".join(body.lines[cut]).strip()][:3]


def _notices(text: bytes) -> Iterator[tuple[Kind, int, int]]:
    """Yield what may have been put into HTML: from its beginning, and up to its end, the shortest first."""
    opened = _BODY.search(text)
    start = opened.end() if opened else 0
    closed = _END.search(text, start)
    stop = closed.start() if closed else len(text.rstrip(b"\r\n"))
    places = _places(text, start, stop)
    tops = [(Kind.HEADER_PART_ADDED, start, at) for at in places[:_PLACES] if at < stop]
    ends = [(Kind.FOOTER_ADDED, at, stop) for at in places[::-1] if start < at < stop][:_PLACES]
    for rank, notices in product(range(_PLACES), (tops, ends)):
        if rank < len(notices) and not _is_whole_lines(text, *notices[rank][1:]):
            yield notices[rank]


def _places(text: bytes, start: int, stop: int) -> list[int]:
    """Return where no element is open, behind one that ended or before one that begins."""
    places, depth = list[int](), 0
    for tag in islice(_TAG.finditer(text, start, stop), _TAGS):
        if not tag[2]:
            places += (tag.start(), tag.end()) if not depth else ()
        elif tag[1]:
            depth = max(0, depth - 1)
            places += (tag.end(),) if not depth else ()
        else:
            places += (tag.start(),) if not depth else ()
            depth += 1
    return [at for at in dict.fromkeys(places) if start < at]


def _is_whole_lines(text: bytes, begin: int, end: int) -> bool:
    """Tell whether lines alone are cut: that is tried elsewhere."""
    return text[:begin].endswith(b"\n") and text[:end].endswith(b"\n")
