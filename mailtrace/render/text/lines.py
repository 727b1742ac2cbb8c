"""A line of styled text: measured in columns, wrapped, put beside others, and written in the colours of a terminal.

rich knows which characters take two columns, or none. Its own text would do the rest as well, but it is more to import
than all that is printed with it.
"""

import re
from collections.abc import Iterator

from rich.cells import cell_len, chop_cells

_WORD = re.compile(r"\s*\S+\s*")
# ECMA-48 §8.3.117: what "select graphic rendition" takes.
_ATTRIBUTES = {"bold": 1, "dim": 2, "italic": 3}
_COLORS = {"red": 31, "green": 32, "yellow": 33, "magenta": 35, "cyan": 36}


class Line:
    """Pieces of text, each with its style: words as in `bold red`, or none."""

    __slots__ = ("_pieces",)

    def __init__(self, *pieces: tuple[str, str]) -> None:
        """Take the pieces; a piece without text is none."""
        self._pieces = tuple(piece for piece in pieces if piece[0])

    @property
    def plain(self) -> str:
        """The text alone."""
        return "".join(text for text, _ in self._pieces)

    @property
    def columns(self) -> int:
        """How wide it is."""
        return cell_len(self.plain)

    def __add__(self, other: "Line") -> "Line":
        return Line(*self._pieces, *other._pieces)

    def indented(self, columns: int) -> "Line":
        """Return it behind so many blanks."""
        return Line((" " * columns, ""), *self._pieces)

    def padded(self, columns: int) -> "Line":
        """Return it with blanks behind it, up to a width."""
        return Line(*self._pieces, (" " * (columns - self.columns), ""))

    def stripped(self) -> "Line":
        """Return it without white space at its end."""
        return self._cut(0, len(self.plain.rstrip()))

    def wrapped(self, width: int) -> list["Line"]:
        """Break it into lines that are no wider, each without white space at its end; there is always one."""
        plain = self.plain
        ends = [*_breaks(plain, width), len(plain)]
        return [self._cut(start, end).stripped() for start, end in zip([0, *ends], ends, strict=False)]

    def _cut(self, start: int, end: int) -> "Line":
        kept, at = [], 0
        for text, style in self._pieces:
            kept.append((text[max(start - at, 0) : max(end - at, 0)], style))
            at += len(text)
        return Line(*kept)

    def colored(self) -> str:
        """Return the text with the codes of its styles."""
        return "".join(
            f"\x1b[{codes}m{text}\x1b[0m" if (codes := _codes(style)) else text for text, style in self._pieces
        )


def _codes(style: str) -> str:
    words = style.split()
    attributes = sorted({_ATTRIBUTES[word] for word in words if word not in _COLORS})
    return ";".join(map(str, [*attributes, *[_COLORS[word] for word in words if word in _COLORS][-1:]]))


def _breaks(text: str, width: int) -> Iterator[int]:
    """Give the places where a line begins anew: between words, and within one that is wider than a line."""
    used = 0
    for found in _WORD.finditer(text):
        word, start = found[0], found.start()
        needed = cell_len(word.rstrip())
        if used + needed <= width:
            used += cell_len(word)
        elif needed <= width:
            yield start
            used = cell_len(word)
        else:
            for part in chop_cells(word, width):
                if start:
                    yield start
                start += len(part)
                used = cell_len(part)
