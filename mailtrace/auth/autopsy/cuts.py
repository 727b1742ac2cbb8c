"""Where a text may have been lengthened: at its end, at its beginning, before the end of its HTML.

The likeliest places first: behind a line that looks like the rule above a footer, behind an empty line, then any line.
"""

import re
from collections.abc import Iterator
from itertools import islice

NEAR = 60
"""Lines from the end, or from the beginning, that are tried one by one."""

FAR = 400
"""Lines from the end in which rules are looked for."""

# The rule above a footer: `-- `, a line of one character, often with a name or "Original Message" in it.
_RULE = re.compile(rb"[ \t>]{0,8}(?:--[ \t]*\r?\n|([-_=*~#+.])\1{3,})")
_HTML_END = re.compile(rb"[ \t]{0,80}</(?:body|html)\b", re.IGNORECASE)
_HTML_BODY = re.compile(rb"<body\b", re.IGNORECASE)
_HTML_BREAK = re.compile(rb"[ \t]{0,80}<(?:hr|br|div|p|table)\b", re.IGNORECASE)


_BEGINNINGS = frozenset(bytes([octet]) for octet in b" \t><-_=*~#+.")
"""How a line begins that may be a rule or open an element: most are told from them by their first octet."""


def _is_blank(line: bytes) -> bool:
    return not line.strip()


def _is_rule(line: bytes) -> bool:
    return line[:1] in _BEGINNINGS and _RULE.match(line) is not None


def footer_starts(lines: list[bytes], text: slice) -> Iterator[int]:
    """Yield the lines at which something may have been appended, the likeliest first, each once."""
    seen = set[int]()
    for at in _footer_starts(lines, text):
        if text.start <= at < text.stop and at not in seen:
            seen.add(at)
            yield at


def _footer_starts(lines: list[bytes], text: slice) -> Iterator[int]:
    backwards = range(text.stop - 1, max(text.start, text.stop - FAR) - 1, -1)
    # The first octet is looked at here, for four hundred lines each time that a text is cut.
    likely = [at for at in backwards if lines[at][:1] in _BEGINNINGS]
    for rule in islice((at for at in likely if _RULE.match(lines[at]) or _HTML_BREAK.match(lines[at])), 12):
        yield rule
        # The empty lines above it may have been there, or have come with it.
        for at in range(rule - 1, max(text.start, rule - 4) - 1, -1):
            if not _is_blank(lines[at]):
                break
            yield at
    near = backwards[:NEAR]
    for at in near:
        if _is_blank(lines[at]):
            yield at
            yield at + 1
    yield from near


def marked_footers(lines: list[bytes], text: slice, most: int) -> list[int]:
    """Return the likeliest few."""
    return list(islice(footer_starts(lines, text), most))


def banner_ends(lines: list[bytes], text: slice) -> Iterator[int]:
    """Yield the lines before which something may have been put, the likeliest first, each once."""
    near = range(text.start, min(text.stop, text.start + NEAR))
    seen = {text.start}
    rules = [at + 1 for at in near if _is_rule(lines[at])]
    blanks = [at + step for at in near if _is_blank(lines[at]) for step in (1, 0)]
    for at in (*(at for rule in rules for at in _past_blanks(lines, rule, text.stop)), *blanks, *near):
        if at not in seen and at < text.stop:
            seen.add(at)
            yield at


def _past_blanks(lines: list[bytes], at: int, stop: int) -> Iterator[int]:
    yield at
    while at < stop and _is_blank(lines[at]):
        at += 1
        yield at


def text_ends(lines: list[bytes], text: slice, *, html: bool) -> list[int]:
    """Return the lines before which a footer may stand: the end of a part, its empty lines there, and closing tags."""
    content = next((at + 1 for at in reversed(range(text.start, text.stop)) if not _is_blank(lines[at])), text.start)
    ends = list(dict.fromkeys((text.stop, content)))
    closing = [
        at
        for at in range(max(text.start, text.stop - 12), text.stop)
        if html and lines[at][:1] in _BEGINNINGS and _HTML_END.match(lines[at])
    ]
    # What stands behind the closing tags was put there without a look at them.
    behind = closing and any(not _is_blank(lines[at]) for at in range(closing[-1] + 1, text.stop))
    return [*ends, *closing] if behind else [*closing, *ends]


def html_starts(lines: list[bytes], text: slice) -> list[int]:
    """Return the lines behind which a banner of HTML stands: the opening tag of the body, and the beginning."""
    near = range(text.start, min(text.stop, text.start + 4 * NEAR))
    opened = next((at + 1 for at in near if _HTML_BODY.search(lines[at])), None)
    return [text.start] if opened is None else [opened, text.start]
