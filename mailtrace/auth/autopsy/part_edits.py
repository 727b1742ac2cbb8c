"""Some lines of a body in another form, and the texts of parts decoded and encoded again as they are now."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mailtrace.auth.autopsy.anatomy import Anatomy
from mailtrace.auth.autopsy.body_repairs import BodyRepair, Change, told
from mailtrace.auth.autopsy.encoders import decoded, encodings, on_the_wire
from mailtrace.auth.autopsy.mime import Part
from mailtrace.auth.autopsy.recoding import MAX_RECODED
from mailtrace.auth.dkim_body import CRLF
from mailtrace.records import Struct

if TYPE_CHECKING:
    from mailtrace.auth.autopsy.text import Piece


class PartEdit(Struct, frozen=True, kw_only=True):
    """Lines, and what stood in their place."""

    lines: slice
    octets: bytes
    change: Change


def with_edits(body: Anatomy, edits: list[PartEdit]) -> BodyRepair:
    """Return the body with some ranges of lines exchanged."""
    draft: list[Piece] = []
    at = 0
    for each in sorted(edits, key=lambda each: each.lines.start):
        draft += [slice(at, each.lines.start), each.octets]
        at = each.lines.stop
    draft.append(slice(at, len(body.lines)))
    return BodyRepair(
        draft=tuple(piece for piece in draft if not isinstance(piece, bytes) or piece),
        undoes=told(*(each.change for each in edits)),
    )


def text_of(body: Anatomy, leaf: Part) -> bytes:
    """Return a text decoded, with CRLF line ends; nothing of one that is too long."""
    raw = b"".join(body.lines[leaf.body])
    text = decoded(raw, leaf.encoding) if len(raw) <= MAX_RECODED else None
    return on_the_wire(text or b"")


def coded_like(text: bytes, leaf: Part, raw: bytes) -> Iterator[bytes]:
    """Yield a text in the encoding that its part has (`raw`: its content as it stands), in each way of writing it."""
    if leaf.encoding in (b"7bit", b"8bit", b"binary"):
        yield text
        return
    for name, (_, coded) in encodings(b"", text):
        if name == leaf.encoding and coded != raw:
            yield coded if coded.endswith(CRLF) else coded + CRLF
