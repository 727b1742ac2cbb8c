"""Split a header section into fields, RFC 5322 §2.2, and name what it does not allow.

Every octet stays in some field's `raw`, or is named by a defect. Reading follows what mail servers do with broken
headers: a line that is no field ends the section, unless fields go on right behind it.
"""

import re

from mailtrace.findings import excerpt
from mailtrace.message.types import Defect, HeaderField
from mailtrace.patterns import lazy
from mailtrace.records import Struct

MAX_SECTION = 32 * 1024 * 1024
"""Octets of a header section at the most; longer ones are no message that any server would take."""

MAX_DEFECTS = 100
"""Defects named at the most."""

MAX_LINE = 998
"""RFC 5322 §2.1.1: characters of a line, without its end."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# field-name = 1*ftext, ftext = %d33-57 / %d59-126 (RFC 5322 §3.6.8); obs-optional allows WSP before the colon (§4.5.8).
# The bound keeps the match linear; no registered name is longer than 50.
_FIELD = lazy(rb"([\x21-\x39\x3b-\x7e]{1,256})[ \t]{0,256}:")
# A field ends at the first line end that no white space follows (RFC 5322 §2.2.3).
_FIELD_END = re.compile(rb"\n(?![ \t])")
_END = re.compile(r"\n(?![ \t])")
_MOST = 256
_BLANK_CONTINUATION = re.compile(rb"\n[ \t][ \t\r\v\f]*(?:\n|\Z)")
_LINE = lazy(rb"[^\n]*\n|[^\n]+")


class HeaderSection(Struct, frozen=True, kw_only=True):
    """A split header section."""

    fields: tuple[HeaderField, ...]
    defects: tuple[Defect, ...]
    size: int
    """Octets, with the empty line that ends it: the body begins here."""


class _Defects:
    """The first hundred, in order of the lines."""

    def __init__(self) -> None:
        self.found: list[Defect] = []

    def add(self, code: str, line: int | None, detail: str) -> None:
        if len(self.found) < MAX_DEFECTS:
            self.found.append(Defect(code=code, line=line, detail=detail))
        elif len(self.found) == MAX_DEFECTS:
            self.found.append(Defect(code="more-defects", line=line, detail="further defects are not listed"))


def split_header(octets: bytes, *, ended: bool) -> HeaderSection:
    """Split the header section at the beginning of `octets`.

    `octets` reaches to the first empty line at least, or to the end of the file; `ended` says that the file ends there.
    """
    defects = _Defects()
    lines = _Lines(octets)
    _skip_preamble(lines, defects)
    fields = _read_fields(lines, defects)
    if lines.at_end and ended and not lines.saw_separator:
        defects.add("no-body", lines.number, "the file ends within the header section")
    return HeaderSection(fields=tuple(fields), defects=tuple(defects.found), size=lines.offset)


class _Lines:
    """A cursor over lines that end in LF; `offset` is that of the next line."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.clean_to = _clean_to(octets)
        self.text = octets[: self.clean_to].decode("ascii")
        """As far as no line has a defect."""
        self.offset = 0
        self.number = 1
        self.saw_separator = False

    @property
    def at_end(self) -> bool:
        return self.offset >= len(self.octets)

    def peek(self, offset: int | None = None) -> bytes:
        """Return the next line with its end; empty at the end."""
        start = self.offset if offset is None else offset
        end = self.octets.find(b"\n", start)
        return self.octets[start:] if end < 0 else self.octets[start : end + 1]

    def advance(self, line: bytes) -> None:
        self.offset += len(line)
        self.number += 1

    def pass_field(self) -> bytes:
        """Pass a field with its continuation lines (RFC 5322 §2.2.3 folding), and return it."""
        end = _FIELD_END.search(self.octets, self.offset)
        field = self.octets[self.offset : end.end() if end else None]
        self.offset += len(field)
        self.number += field.count(b"\n") + (end is None)
        return field


def _skip_preamble(lines: _Lines, defects: _Defects) -> None:
    """Pass a byte order mark, an mbox `From ` line, and empty lines before the first field."""
    if lines.octets.startswith(BYTE_ORDER_MARK):
        defects.add("byte-order-mark", 1, "the file begins with a UTF-8 byte order mark")
        lines.offset = len(BYTE_ORDER_MARK)
    while not lines.at_end and not lines.peek().strip(b"\r\n"):
        defects.add("leading-empty-line", lines.number, "an empty line before the first field")
        lines.advance(lines.peek())
    while lines.peek().startswith((b"From ", b">From ")):
        line = lines.peek()
        defects.add("mbox-from-line", lines.number, _quote(line))
        lines.advance(line)


def _read_fields(lines: _Lines, defects: _Defects) -> list[HeaderField]:
    fields = _plain_fields(lines)
    while not lines.at_end:
        line = lines.peek()
        if line in (b"\n", b"\r\n"):
            lines.saw_separator = True
            lines.advance(line)
            break
        match = _FIELD.match(lines.octets, lines.offset)
        if match is not None:
            fields.append(_read_field(lines, match, len(fields), defects))
            continue
        if not _fields_go_on(lines, line):
            defects.add("header-ends-early", lines.number, f"the body begins without an empty line: {_quote(line)}")
            lines.saw_separator = True
            break
        defects.add("not-a-field", lines.number, f"a line that is no header field: {_quote(line)}")
        lines.advance(line)
    return fields


def _plain_fields(lines: _Lines) -> list[HeaderField]:
    """Read fields without a defect, and stop in front of the first that has or may have one: most headers have none."""
    octets, offset, number = lines.octets, lines.offset, lines.number
    fields: list[HeaderField] = []
    # What stands behind the last line end is no whole field.
    for index, text in enumerate(_END.split(lines.text[offset:])[:-1]):
        name, colon, value = text.partition(":")
        end = offset + len(text) + 1
        if not colon or not name.isprintable() or not 0 < len(name) <= _MOST or " " in name:
            break
        if end - offset > MAX_LINE and max(map(len, text.split("\n"))) > MAX_LINE:
            break
        # As `_unfolded` does, without a call for each field.
        value, line = value.strip(" \t\r\n"), number
        if "\n" in text:
            value = value.replace("\r\n", "").replace("\n", "")
            number += text.count("\n")
        fields.append(HeaderField(name=name, raw=octets[offset:end], value=value, index=index, line=line))
        offset, number = end, number + 1
    lines.offset, lines.number = offset, number
    return fields


def _fields_go_on(lines: _Lines, line: bytes) -> bool:
    """Tell whether a field stands right behind a line that is none."""
    following = lines.peek(lines.offset + len(line))
    return bool(_FIELD.match(following)) or line[:1] in b" \t"


def _read_field(lines: _Lines, match: re.Match[bytes], index: int, defects: _Defects) -> HeaderField:
    """Read one field."""
    first = lines.number
    raw = lines.pass_field()
    is_clean = lines.offset <= lines.clean_to
    if (len(raw) > MAX_LINE or not is_clean) and _has_defect(raw):
        _check_lines(raw, first, defects)
    value = _unfolded(lines.text[match.end() : lines.offset]) if is_clean else unfold(raw)
    return HeaderField(name=match[1].decode("ascii"), raw=raw, value=value, index=index, line=first)


def _clean_to(octets: bytes) -> int:
    """Return how far it is known at once that no line has a defect, but for its length: nearly always to the end."""
    end = octets.find(b"\n\r\n")
    shorter = octets.find(b"\n\n", 0, None if end < 0 else end + 1)
    last = end if shorter < 0 else shorter
    section = octets if last < 0 else octets[: last + 1]
    return len(section) if _is_clean(section) else 0


def _is_clean(octets: bytes) -> bool:
    """Tell that no line has a defect, but for its length."""
    return (
        octets.isascii()
        and b"\0" not in octets
        and octets.count(b"\r") == octets.count(b"\r\n")
        and _BLANK_CONTINUATION.search(octets) is None
    )


def _has_defect(raw: bytes) -> bool:
    return max(map(len, raw.split(b"\n"))) > MAX_LINE or not _is_clean(raw)


def _check_lines(raw: bytes, first: int, defects: _Defects) -> None:
    for number, line in enumerate(_LINE.findall(raw), start=first):
        # RFC 5322 §4.2 obs-FWS: a line of white space alone is folding, not the end of the section.
        if number > first and not line.strip():
            defects.add("blank-continuation", number, "a folded line of white space alone")
        _check_line(line, number, defects)


def _check_line(line: bytes, number: int, defects: _Defects) -> None:
    text = line.removesuffix(b"\n").removesuffix(b"\r")
    if len(text) > MAX_LINE:
        defects.add("line-too-long", number, f"{len(text)} octets, {MAX_LINE} allowed")
    if b"\r" in text:
        defects.add("bare-cr", number, "a carriage return that ends no line")
    if b"\0" in text:
        defects.add("nul", number, "a NUL octet")
    if not text.isascii():
        try:
            text.decode("utf-8")
        except UnicodeDecodeError:
            defects.add("not-utf-8", number, "octets that are neither ASCII nor UTF-8")


def unfold(raw: bytes) -> str:
    """Return the value of a raw field: without name, line ends and outer white space (RFC 5322 §2.2.3).

    Octets that are not UTF-8 become surrogates (PEP 383), so that nothing is lost.
    """
    return _unfolded(raw[raw.index(b":") + 1 :].decode("utf-8", "surrogateescape"))


def _unfolded(text: str) -> str:
    bare = text.strip(" \t\r\n")
    return bare.replace("\r\n", "").replace("\n", "") if "\n" in bare else bare


def _quote(line: bytes) -> str:
    return excerpt(line[:400].decode("utf-8", "surrogateescape"))
