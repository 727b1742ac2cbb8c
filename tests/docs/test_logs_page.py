"""docs/logs.md names every kind of log that is read, and every line that it shows is read."""

import re
from datetime import UTC, datetime
from pathlib import Path

from mailtrace.delivery.logs import Clock
from mailtrace.delivery.logs.formats import FORMATS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "logs.md").read_text(encoding="utf-8")
CLOCK = Clock(zone=UTC, newest=datetime(2026, 11, 1, tzinfo=UTC))


def test_every_kind_has_its_row():
    assert set(re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)) == {one.kind for one in FORMATS}


def test_every_line_that_is_shown_is_read():
    blocks = re.findall(r"^```log\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 5
    for block in blocks:
        lines = [line.encode() for line in block.splitlines()]
        (one,) = [one for one in FORMATS if one.recognises(lines)]
        reader = one.reader("mail.log", lines, CLOCK)
        for number, line in enumerate(lines, start=1):
            assert reader.read(line, number), line
