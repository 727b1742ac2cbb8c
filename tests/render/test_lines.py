"""Lines of styled text, held against rich's own: the same breaks, the same columns, the same codes."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from mailtrace.render.text.lines import Line

STYLES = ("", "bold", "dim", "bold red", "italic", "yellow")
# A joiner joins two: rich counts wrongly, or raises, where one stands alone, and none reaches a page unescaped.
TEXTS = st.lists(st.sampled_from((*"abc  -/é漢字e\u0301👍🏽", "👩\u200d🔧")), max_size=40).map("".join)
PIECES = st.lists(st.tuples(TEXTS, st.sampled_from(STYLES)), max_size=5)


def console(width=80):
    return Console(
        file=io.StringIO(),
        width=width,
        force_terminal=True,
        color_system="standard",
        legacy_windows=False,
        highlight=False,
        _environ={},
    )


def rich_text(pieces, base=""):
    text = Text(style=base)
    for piece, style in pieces:
        text.append(piece, style or None)
    return text


@given(PIECES, st.integers(8, 30))
def test_it_is_wrapped_as_rich_does(pieces, width):
    expected = rich_text(pieces).wrap(console(), width, overflow="fold") or [Text()]
    assert [line.plain for line in Line(*pieces).wrapped(width)] == [line.plain.rstrip() for line in expected]


@given(PIECES, st.integers(8, 30))
def test_no_line_is_wider_and_no_character_is_lost(pieces, width):
    lines = Line(*pieces).wrapped(width)
    assert all(line.columns <= width for line in lines)
    assert "".join("".join(line.plain for line in lines).split()) == "".join(
        "".join(text for text, _ in pieces).split()
    )


@given(PIECES, st.sampled_from(STYLES))
def test_it_has_the_codes_that_rich_writes(pieces, base):
    paper = console(width=1000)
    with paper.capture() as capture:
        paper.print(rich_text(pieces, base), soft_wrap=True, end="")
    ours = Line(*((text, f"{base} {style}") for text, style in pieces)).colored()
    assert seen(ours) == seen(capture.get())


def seen(text):
    """Take a text apart: every character, and the codes that it stands under."""
    codes, found = "", []
    for code, character in re.findall(r"\x1b\[([\d;]*)m|(.)", text, re.DOTALL):
        codes = codes if character else code.removeprefix("0")
        found += [(character, codes)] if character else []
    return found


@pytest.mark.parametrize(("text", "width", "padded"), [("ab", 4, "ab  "), ("漢", 4, "漢  "), ("abcde", 4, "abcde")])
def test_it_is_padded_by_columns(text, width, padded):
    assert Line((text, "bold")).padded(width).plain == padded


def test_styles_stay_with_their_text_when_it_is_cut():
    lines = Line(("one two", "bold"), (" three", "")).wrapped(8)
    assert [line.colored() for line in lines] == ["\x1b[1mone two\x1b[0m", "three"]


def test_a_style_that_is_none_is_a_fault_of_ours():
    with pytest.raises(KeyError):
        Line(("a", "blod")).colored()
