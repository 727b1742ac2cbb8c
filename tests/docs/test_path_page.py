"""docs/path.md lists the related fields as the table in the code has them."""

import re
from pathlib import Path

from mailtrace.path import related
from mailtrace.path.related_rows import ROWS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "path.md").read_text(encoding="utf-8")


def test_the_page_lists_every_field_as_the_code_has_it():
    listed = [line for line in PAGE.splitlines() if re.match(r"\| `", line)]
    assert listed == [f"| `{row.name}` | {row.kind.value} | {row.meaning} | {row.writer} |" for row in ROWS]


def test_the_page_says_how_many_are_kept():
    assert f"At most {related.MOST} fields are kept of a hop, and {related.MOST_IN_ALL:,} in all" in PAGE


def test_the_page_names_the_receivers_that_write_below():
    assert {receiver.by for receiver in related.WRITES_BELOW} == {"mx.google.com", "smtp.subspace.kernel.org"}
    assert "Gmail puts" in PAGE
    assert "kernel.org its ARC set" in PAGE
