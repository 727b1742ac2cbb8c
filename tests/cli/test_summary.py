"""`--summary` counts on standard error, and progress is drawn for whoever watches."""

import os
import subprocess
import sys
import time

import pytest

from mailtrace.cli import progress
from mailtrace.cli import summary as module
from mailtrace.cli.progress import Progress, octets_of
from mailtrace.cli.summary import Summary, Tally
from mailtrace.cli.work import Facts
from tests.cli.conftest import CODE

DNS = ("--dns", "dns.json")

EXPECTED = """\
3 messages, and 1 without a report

Authenticity
          2  unproven
          1  forged

Transport
          3  encrypted

No report
          1  not-a-message
"""


@pytest.mark.parametrize("form", ["text", "jsonl"])
def test_what_is_counted(shell, form):
    status, output, errors = shell(
        "analyze", *DNS, "--format", form, "--summary", "good.eml", "empty", "spoof.eml", "good.eml"
    )
    complaint, _, counted = errors.partition("\n")
    assert (status, complaint) == (10, "mailtrace: empty: the input is empty")
    assert counted.startswith(EXPECTED)
    assert "Author domains\n          3  example.com\n" in counted
    assert "Received by (the server at the border)\n          3  mx.example.net\n" in counted
    assert "          1  dmarc-fail-enforced\n" in counted
    assert "Author domains" not in output


def test_what_comes_too_late_is_added_up(monkeypatch):
    monkeypatch.setattr(module, "MAX_KINDS", 30)
    tally = Tally()
    for number in range(50):
        tally.add(f"d{number:02d}.example")
        tally.add("d00.example")
    lines = list(tally.lines())
    assert len(tally.counts) == 30
    assert lines[0].split() == ["51", "d00.example"]
    assert lines[-1].split() == ["30", "in", "more", "than", "10", "others"]
    assert sum(int(line.split()[0]) for line in lines) == 100


def test_nothing_hostile_is_shown():
    counts = Summary()
    counts.add(
        Facts(authenticity="unproven", transport="local", findings=(), author="\x1b[31m", receiver=None, error=None)
    )
    assert all(line.isprintable() for line in counts.lines())


def test_what_is_kept_goes_on():
    facts = Facts(
        authenticity="unproven", transport="local", findings=("a", "b"), author=None, receiver="mx", error=None
    )
    counts = Summary()
    counts.add(facts)
    again = Summary(counts.kept())
    again.add(facts)
    counts.add(facts)
    assert list(again.lines()) == list(counts.lines())


def test_progress_in_words():
    now = [0.0]
    progress = Progress(1000, clock=lambda: now[0])
    progress.step()
    now[0] = 10.0
    assert progress.line(10.0) == "1 message, 0 a second"
    progress.read(250)
    assert progress.line(10.0) == "1 message, 0 a second, 25%, 30 s left"


def test_the_octets_are_known_of_regular_files_only(folder):
    size = (folder / "good.eml").stat().st_size
    good = str(folder / "good.eml")
    assert octets_of((good, good)) == 2 * size
    assert octets_of((good, str(folder))) is octets_of(("-",)) is octets_of((good, "no such")) is None


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals like these")
@pytest.mark.parametrize("watched", [True, False])
def test_progress_is_drawn_on_a_terminal_only(folder, start, watched):
    import pty

    ours, theirs = pty.openpty()
    arguments = ("analyze", *DNS, "--jsonl", "--files-from", "-", "--output", "out", "--jobs", "1")
    process = start(*arguments, stdin=subprocess.PIPE, stderr=theirs if watched else None)
    os.close(theirs)
    # A short run draws nothing: when the first messages are done, the next names are a long time coming.
    process.stdin.write(b"good.eml\n" * 3)
    process.stdin.flush()
    while not (folder / "out").exists() or not (folder / "out").stat().st_size:
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(2 * progress.FROM)
    process.stdin.write(b"good.eml\n" * 3 + b"empty\n")
    process.stdin.close()
    process.stdin = None  # communicate() would flush it
    shown = b""
    if watched:
        try:
            while octets := os.read(ours, 4096):
                shown += octets
        except OSError:  # the other end is closed
            pass
    os.close(ours)
    process.wait(120)
    assert process.returncode == 65
    assert CODE
    if watched:
        assert b" messages, " in shown
        assert b"a second" in shown
        assert shown.endswith(b"\r\x1b[Kmailtrace: empty: the input is empty\r\n")
