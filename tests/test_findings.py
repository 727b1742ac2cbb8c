"""What findings quote."""

from hypothesis import example, given
from hypothesis import strategies as st

from mailtrace.findings import EXCERPT_LIMIT, excerpt
from mailtrace.printable import escape

PIECES = ["word", " ", "  ", "\t", "\x1b", "é", "\u202e", "\u00a0", "\udcff", "a" * 190, "b" * 11]


def cut_in_any_case(text):
    shown = escape(" ".join(text[: 4 * EXCERPT_LIMIT].split()))
    return shown if len(shown) <= EXCERPT_LIMIT else shown[: EXCERPT_LIMIT - 1] + "…"


@given(st.lists(st.sampled_from(PIECES)).map("".join))
@example("a" * EXCERPT_LIMIT)
@example("a" * EXCERPT_LIMIT + "b")
@example("a" * EXCERPT_LIMIT + " ")
@example("a" * EXCERPT_LIMIT + " b")
@example("a" * (EXCERPT_LIMIT - 1) + " b")
def test_what_needs_no_care_is_cut_like_what_does(text):
    assert excerpt(text) == cut_in_any_case(text)
