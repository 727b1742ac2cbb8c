"""Changes that go through a whole text, undone: line ends, white space, `>From `, dot stuffing."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

from mailtrace.auth.autopsy.anatomy import Anatomy
from mailtrace.auth.autopsy.body_repairs import BodyRepair, Change
from mailtrace.auth.autopsy.cuts import marked_footers
from mailtrace.auth.autopsy.steps import Kind
from mailtrace.auth.autopsy.text import has_whole_ends, split_lines
from mailtrace.auth.dkim_body import CRLF, replaced

MAX_TRANSFORMED = 256 * 1024
"""Octets of a body that is gone through as a whole."""

_CUT = 900
"""Octets of a line that a server may have cut."""

_BEHIND_A_LINE = re.compile(rb"\n ")

_KINDS = frozenset((Kind.FROM_ESCAPED, Kind.DOT_STUFFED, Kind.LINE_ENDS, Kind.WHITE_SPACE))

_SHOWN = 3
"""Changed lines that are shown."""

_ESCAPED_ONCE = re.compile(rb"^>(>*From )", re.MULTILINE)
_UNESCAPED = re.compile(rb"^(>*From )", re.MULTILINE)
_TWO_DOTS = re.compile(rb"^\.\.", re.MULTILINE)
_DOT = re.compile(rb"^\.", re.MULTILINE)
_MARK = re.compile(rb"^--\r\n", re.MULTILINE)


def transforms(octets: bytes, kinds: frozenset[Kind] = _KINDS) -> Iterator[tuple[Kind, bytes]]:
    """Yield the body with one change undone throughout, where that makes a difference."""
    if len(octets) > MAX_TRANSFORMED:
        return
    is_ascii = octets.isascii()
    for kind, sign, undo in _UNDONE:
        # To look for the sign costs a tenth of what undoing does, and most bodies have few of them.
        may_be = kind in kinds and (not is_ascii or sign.isascii())
        if may_be and sign in octets and (before := undo(octets)) != octets:
            yield kind, before


def _without_trailing(octets: bytes) -> bytes:
    if b" \r\n" not in octets and b"\t\r\n" not in octets:
        return octets
    *lines, last = octets.split(CRLF)
    return CRLF.join([*[line.rstrip(b" \t") for line in lines], last])


def _with_one_dot(octets: bytes) -> bytes:
    return _TWO_DOTS.sub(b".", octets) if b"\n.." in octets or octets.startswith(b"..") else octets


def _with_two_dots(octets: bytes) -> bytes:
    return _DOT.sub(b"..", octets) if b"\n." in octets or octets.startswith(b".") else octets


def _with_mark(octets: bytes) -> bytes:
    """Put back the blank of the line that begins a signature."""
    return _MARK.sub(b"-- \r\n", octets) if b"\n--\r\n" in octets or octets.startswith(b"--\r\n") else octets


def _same_ends(octets: bytes) -> bytes:
    if has_whole_ends(octets):
        return octets
    return replaced(octets.replace(CRLF, b"\n").replace(b"\r", b"\n"), b"\n", CRLF)


_Undo = Callable[[bytes], bytes]
_UNDONE: tuple[tuple[Kind, bytes, _Undo], ...] = (
    # One escape was added on the way (mbox files), or taken away again by one who should not have.
    (Kind.FROM_ESCAPED, b">From ", lambda octets: _ESCAPED_ONCE.sub(rb"\1", octets)),
    (Kind.FROM_ESCAPED, b"\n>From ", lambda octets: octets.replace(CRLF + b">From ", CRLF + b"From ", 1)),
    (Kind.FROM_ESCAPED, b"From ", lambda octets: _UNESCAPED.sub(rb">\1", octets)),
    # RFC 5321 §4.5.2: one dot is added by the client and taken away by the server; somebody did half of it.
    (Kind.DOT_STUFFED, b"..", _with_one_dot),
    (Kind.DOT_STUFFED, b".", _with_two_dots),
    (Kind.LINE_ENDS, b"\r\r\n", lambda octets: octets.replace(b"\r\r\n", CRLF)),
    (Kind.LINE_ENDS, b"\n\r\n", lambda octets: replaced(octets, CRLF + CRLF, CRLF)),
    (Kind.LINE_ENDS, b"", _same_ends),
    (Kind.LINE_ENDS, b"\n", lambda octets: replaced(octets, CRLF, b"\n")),
    (Kind.LINE_ENDS, b"", lambda octets: _joined(octets, b"")),
    (Kind.LINE_ENDS, b"!", lambda octets: _joined(octets, b"!")),
    (Kind.WHITE_SPACE, b"", lambda octets: octets.lstrip(CRLF)),
    (Kind.WHITE_SPACE, b"", lambda octets: CRLF + octets),
    (Kind.WHITE_SPACE, b"", _without_trailing),
    (Kind.WHITE_SPACE, b"--\r\n", _with_mark),
    (Kind.WHITE_SPACE, b"\xc2\xa0", lambda octets: octets.replace(b"\xc2\xa0", b" ")),
    (Kind.WHITE_SPACE, b"\xef\xbb\xbf", lambda octets: octets.removeprefix(b"\xef\xbb\xbf")),
    (Kind.WHITE_SPACE, b"", lambda octets: b"\xef\xbb\xbf" + octets),
)


def _joined(octets: bytes, mark: bytes) -> bytes:
    """Join lines that a server cut as too long (RFC 5322 §2.1.1): Postfix with a blank, Sendmail with a mark."""
    if not any(at.start() - octets.rfind(b"\n", 0, at.start()) > _CUT for at in _BEHIND_A_LINE.finditer(octets)):
        return octets
    lines = octets.split(CRLF)
    joined = [lines[0]]
    for before, line in pairwise(lines):
        if len(before) >= _CUT and line.startswith(b" ") and before.endswith(mark):
            joined[-1] = joined[-1].removesuffix(mark) + line[1:]
        else:
            joined.append(line)
    return CRLF.join(joined)


_TOGETHER = frozenset((Kind.DOT_STUFFED, Kind.WHITE_SPACE))
"""What the program that escaped lines may have done in one go."""


def transformed(body: Anatomy) -> Iterator[BodyRepair]:
    """Undo one change throughout."""
    once = list(transforms(body.octets))
    for kind, before in once:
        yield BodyRepair(draft=(before,), undoes=partial(_changes, (kind, body.octets, before)))
    # Two at once, of what one program does in one go.
    for kind, halfway in once:
        if kind not in (Kind.FROM_ESCAPED, Kind.DOT_STUFFED):
            continue
        for other, before in transforms(halfway, _TOGETHER):
            if other is not kind:
                steps = (kind, body.octets, halfway), (other, halfway, before)
                yield BodyRepair(draft=(before,), undoes=partial(_changes, *steps))


def transformed_and_cut(body: Anatomy) -> Iterator[BodyRepair]:
    """Undo one change throughout, and cut the end."""
    for kind, before in transforms(body.octets, _KINDS - {Kind.WHITE_SPACE}):
        lines = split_lines(before)
        for at in marked_footers(lines, slice(0, len(lines)), 3):
            kept = b"".join(lines[:at])
            footer = Change(kind=Kind.FOOTER_ADDED, where="body", added=(before[len(kept) :],))
            yield BodyRepair(draft=(kept,), undoes=partial(_cut_changes, footer, (kind, body.octets, before)))


def _cut_changes(footer: Change, step: tuple[Kind, bytes, bytes]) -> tuple[Change, ...]:
    return footer, _change(*step)


def _changes(*steps: tuple[Kind, bytes, bytes]) -> tuple[Change, ...]:
    return tuple(_change(*each) for each in steps)


def _change(kind: Kind, after: bytes, before: bytes) -> Change:
    """Show the first lines in which the two differ."""
    at = after.rfind(CRLF, 0, _difference(after, before)) + 2
    start = at if at > 1 else 0
    now, then = (text[start:].split(CRLF, _SHOWN)[:_SHOWN] for text in (after, before))
    return Change(kind=kind, where="body", added=(_readable(now),), removed=_readable(then))


def _difference(one: bytes, other: bytes) -> int:
    """Return the offset at which two differ; halving, since comparing is far quicker than counting."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _readable(lines: list[bytes]) -> bytes:
    return CRLF.join(line.replace(b"\r", b"<CR>").replace(b"\n", b"<LF>") for line in lines)
