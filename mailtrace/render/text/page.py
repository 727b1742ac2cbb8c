"""The page: lines of styled text, wrapped to a width.

Everything a section writes passes through `Page`, and `Page` escapes it: what a sender put into a header can neither
steer the terminal nor be taken for markup, whichever section prints it.
"""

import re
from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from mailtrace.printable import escape
from mailtrace.records import Struct
from mailtrace.render.text.lines import Line

PROSE = 110
"""Columns beyond which a sentence is harder to read; tables may be wider."""
LONGEST = 2000
"""Characters of one value that are shown."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class Styled(Struct, frozen=True):
    """A piece of text and how it looks: `bold red`, or nothing."""

    text: str
    style: str = ""


Cell = str | Styled | Sequence["str | Styled"]
"""What a section writes: plain, styled, or pieces of both."""


class Glyphs(Struct, frozen=True, kw_only=True):
    """The few drawing characters."""

    bar: str
    rule: str
    dot: str
    section: str
    full: str
    empty: str
    open: str


_UNICODE = Glyphs(bar="│", rule="─", dot="·", section="§", full="█", empty="░", open="╌")
_ASCII = Glyphs(bar="|", rule="-", dot="|", section="section ", full="#", empty=".", open="~")


class Page:
    """Collects lines, then prints them as one string."""

    def __init__(self, *, width: int, encoding: str = "utf-8") -> None:
        """Take the width in columns, and the encoding that the text must survive."""
        self.width = max(width, 40)
        self.prose = min(self.width, PROSE)
        self._encoding = encoding
        self._lines: list[Line] = []
        self.glyphs = _UNICODE if _encodable("│─·§█░╌", encoding) else _ASCII

    def text(self, cell: Cell, style: str = "") -> Line:
        """Make text of a cell, with everything hostile in it escaped."""
        pieces = (cell,) if isinstance(cell, str | Styled) else cell
        styled = (Styled(piece) if isinstance(piece, str) else piece for piece in pieces)
        return Line(*((self._printable(piece.text), f"{style} {piece.style}") for piece in styled))

    def _printable(self, text: str) -> str:
        if len(text) > LONGEST:
            text = f"{text[:LONGEST]}... ({len(text):,} characters in all)"
        # Octets that were not valid in their charset are U+FFFD here as in the JSON.
        shown = escape(_SURROGATE.sub("\ufffd", text.replace("\t", " ")))
        shown = shown if self.glyphs is _UNICODE else shown.replace("§", _ASCII.section).replace("…", "...")
        return shown.encode(self._encoding, "backslashreplace").decode(self._encoding)

    def fits(self, *widths: int) -> bool:
        """Tell whether columns of these widths, two blanks between them, fit on a line."""
        return sum(widths) + 2 * (len(widths) - 1) <= self.width

    def blank(self) -> None:
        """Leave a line free, but never two, and none at the top."""
        if self._lines and self._lines[-1].plain:
            self._lines.append(Line())

    def line(self, cell: Cell, *, indent: int = 0, style: str = "", wide: bool = False) -> None:
        """Write a paragraph; what does not fit goes on under its beginning."""
        self.entry("", cell, column=indent, style=style, wide=wide)

    def flow(self, parts: Iterable[str], *, style: str = "") -> None:
        """Write parts one after the other, with a dot between, and break lines only between parts."""
        line = ""
        for part in parts:
            longer = f"{line} {self.glyphs.dot} {part}" if line else part
            if line and cell_len(longer) > self.prose:
                self.line(line, style=style)
                longer = part
            line = longer
        self.line(line, style=style)

    def heading(self, cell: Cell) -> None:
        """Open a section."""
        self.blank()
        self.line(cell, style="bold")

    def entry(
        self, term: Cell, cell: Cell, *, column: int, indent: int = 0, style: str = "", wide: bool = False
    ) -> None:
        """Write a term and, hanging from `column`, what is said of it. A term that is too long has its own line."""
        label = self.text(term).indented(indent)
        if label.plain.strip() and label.columns > column - 1:
            self._lines.extend(_wrapped(label, self.width))
            label = Line()
        width = (self.width if wide else self.prose) - column
        for body in _wrapped(self.text(cell, style), width):
            self._lines.append(label.padded(column) + body)
            label = Line()

    def table(self, rows: Sequence[Sequence[Cell]], *, indent: int = 2) -> None:
        """Write rows as columns, two blanks between them; the widest columns give way first."""
        grid = [[self.text(cell) for cell in row] for row in rows]
        if not grid:
            return
        columns = range(max(map(len, grid)))
        natural = [max((row[at].columns for row in grid if at < len(row)), default=0) for at in columns]
        widths = _shrink(natural, self.width - indent - 2 * (len(natural) - 1))
        for row in grid:
            self._row(row, widths, indent=indent)

    def columns(self, cells: Sequence[Cell], widths: Sequence[int], *, under: Cell = "") -> None:
        """Write one row of columns whose widths are settled; `under` stands below the first cell if others wrap."""
        self._row([self.text(cell) for cell in cells], widths, under=self.text(under))

    def barred(self, bar: Cell, cell: Cell) -> None:
        """Write a paragraph with the same few characters before each of its lines."""
        prefix = self.text(bar)
        for line in _wrapped(self.text(cell), self.prose - prefix.columns):
            self._lines.append(prefix + line)

    def _row(self, row: list[Line], widths: Sequence[int], *, indent: int = 0, under: Line | None = None) -> None:
        cells = [_wrapped(text, width) for text, width in zip(row, widths, strict=False)]
        height = max(map(len, cells))
        if under is not None:
            cells[0] += [under] * (height - len(cells[0]))
        for at in range(height):
            line = Line((" " * indent, ""))
            for column, (lines, width) in enumerate(zip(cells, widths, strict=False)):
                piece = lines[at] if at < len(lines) else Line()
                line += piece.padded(width).indented(2 if column else 0)
            self._lines.append(line)

    def widest(self, cells: Iterable[Cell]) -> int:
        """Measure the widest of these, in columns."""
        return max((self.text(cell).columns for cell in cells), default=0)

    def ruled(self, label: str, *, indent: int, style: str = "") -> None:
        """Draw a line across the page with words in it; words that do not fit go on below."""
        room = self.prose - indent
        words = self._printable(label)
        if cell_len(words) > room - 12:
            self._lines.append(Line((" " * indent, ""), (self.glyphs.rule * room, style)))
            self.line(Styled(label, style), indent=indent)
            return
        left = self.glyphs.rule * 6
        rest = self.glyphs.rule * (room - cell_len(words) - 8)
        self._lines.append(Line((" " * indent, ""), (f"{left} {words} {rest}", style)))

    def printed(self, *, color: bool) -> str:
        """Return everything written so far, a line end after each line."""
        lines = (line.stripped() for line in self._lines)
        return "".join(f"{line.colored() if color else line.plain}\n" for line in lines)


def _wrapped(text: Line, width: int) -> list[Line]:
    return text.wrapped(max(width, 8))


def _encodable(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _shrink(widths: Sequence[int], room: int) -> list[int]:
    """Cap the widest columns so that all fit; no column is capped below eight."""
    cap = max(widths, default=0)
    while cap > 8 and sum(min(width, cap) for width in widths) > room:
        cap -= 1
    return [min(width, cap) for width in widths]
