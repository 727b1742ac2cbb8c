"""`--resume`: a run that is stopped in the middle and begun again has written, in the end, what one run writes."""

import itertools
import json
import os
import signal
import sys
import time

import pytest

from mailtrace.cli import resume
from mailtrace.cli.exits import Status
from mailtrace.cli.summary import Summary, Tally
from tests.cli.conftest import MESSAGE
from tests.cli.test_jobs import LINE, message, patched

DNS = ("--dns", "dns.json", "--fail-on", "none")
COUNT = 60


@pytest.fixture(autouse=True)
def box(folder):
    (folder / "box").write_bytes(b"".join(LINE + message(n) + b"\r\n" for n in range(COUNT)))


def rows(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.mark.skipif(sys.platform != "linux", reason="what is patched here is inherited by a fork only")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("form", ["jsonl", "text"])
def test_a_run_that_is_stopped_goes_on(shell, folder, how, jobs, form):
    options = ("analyze", *DNS, "--format", form, "--jobs", jobs, "--output", "out", "--resume", "state", "--summary")
    process = patched(folder, "time.sleep(0.05 if source.position < 15 else 0.5)", *options, "box", "good.eml")
    end = time.monotonic() + 60
    while rows(folder / "out") < 10 or not (folder / "state").exists():
        assert time.monotonic() < end
        time.sleep(0.01)
    process.send_signal(how)
    process.communicate(timeout=60)
    before = json.loads((folder / "state").read_text())
    assert 0 < before["done"] < COUNT
    resumed = shell(*options, "box", "good.eml")
    whole = tuple("whole" if word == "out" else "other" if word == "state" else word for word in options)
    assert resumed == shell(*whole, "box", "good.eml")
    assert (folder / "out").read_bytes() == (folder / "whole").read_bytes()
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == []


@pytest.mark.parametrize("place", [(resume, "_chained"), (Summary, "add"), (Tally, "add")], ids=lambda place: place[1])
def test_an_interruption_finds_no_message_that_is_counted_in_part(run, folder, monkeypatch, place):
    options = ("analyze", *DNS, "--jsonl", "--output", "out", "--resume", "state", "--summary", "box")
    whole, calls = getattr(*place), itertools.count(1)

    def interrupted(*arguments):
        if next(calls) == 10:
            os.kill(os.getpid(), signal.SIGINT)
        return whole(*arguments)

    monkeypatch.setattr(*place, interrupted)
    assert run(*options).exit_code == Status.INTERRUPTED
    monkeypatch.setattr(*place, whole)
    assert 0 < json.loads((folder / "state").read_text())["done"] < COUNT
    resumed = run(*options)
    other = run(*("whole" if word == "out" else "other" if word == "state" else word for word in options))
    assert (resumed.exit_code, resumed.stderr) == (Status.DONE, other.stderr)
    assert (folder / "out").read_bytes() == (folder / "whole").read_bytes()


def test_what_came_before_the_interruption_counts_for_the_status(run, monkeypatch):
    options = ("analyze", "--dns", "dns.json", "--jsonl", "--output", "out", "--resume", "state", "spoof.eml", "box")
    whole, calls = Summary.add, itertools.count(1)

    def interrupted(*arguments):
        if next(calls) == 10:
            os.kill(os.getpid(), signal.SIGINT)
        return whole(*arguments)

    monkeypatch.setattr(Summary, "add", interrupted)
    assert run(*options, "--summary").exit_code == Status.INTERRUPTED
    monkeypatch.setattr(Summary, "add", whole)
    assert run(*options, "--summary").exit_code == Status.CONDITION


def test_without_an_output_file_the_rest_is_printed(run, folder):
    options = ("analyze", *DNS, "--jsonl", "--resume", "state", "box")
    whole = run(*options).stdout
    (folder / "box").write_bytes((folder / "box").read_bytes() + LINE + MESSAGE + b"\r\n")
    grown = run(*options)
    assert json.loads(grown.stdout)["source"]["position"] == COUNT
    assert (run(*options).stdout, len(whole.splitlines())) == ("", COUNT)


def test_the_status_is_that_of_all(run):
    options = ("analyze", "--dns", "dns.json", "--jsonl", "--resume", "state", "box")
    assert (run(*options).exit_code, run(*options).exit_code) == (10, 10)


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        (("--trust", "mx.example.net"), 2, "begun with other options or sources: trust"),
        (("good.eml",), 2, "begun with other options or sources: sources"),
        (("--format", "text"), 2, "begun with other options or sources: format"),
    ],
)
def test_other_options_are_refused(run, change, status, words):
    options = ("analyze", *DNS, "--jsonl", "--resume", "state", "box")
    run(*options)
    if "--format" in change:
        options = tuple(word for word in options if word != "--jsonl")
    result = run(*options, *change)
    assert (result.exit_code, result.stdout) == (status, "")
    assert words in result.stderr


def alter(octets):
    return octets.replace(b"number 59", b"number XX")


def shorten(octets):
    return octets[: octets.index(b"Subject: number 30")]


def insert(octets):
    return LINE + MESSAGE + b"\r\n" + octets


@pytest.mark.parametrize("change", [alter, shorten, insert])
def test_other_messages_are_refused(run, folder, change):
    options = ("analyze", *DNS, "--jsonl", "--resume", "state", "--output", "out", "box")
    run(*options)
    written, state = (folder / "out").read_bytes(), (folder / "state").read_bytes()
    (folder / "box").write_bytes(change((folder / "box").read_bytes()))
    result = run(*options)
    assert (result.exit_code, len(result.stderr.splitlines())) == (65, 1)
    assert (folder / "out").read_bytes() == written
    assert (folder / "state").read_bytes() == state


def test_another_recording_is_refused(run, folder):
    options = ("analyze", *DNS, "--jsonl", "--resume", "state", "box")
    run(*options)
    (folder / "dns.json").write_text('{"mailtrace_dns": 1, "answers": {}}')
    result = run(*options)
    assert (result.exit_code, "other options or sources: dns" in result.stderr) == (2, True)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"done": 1}', b"[" * 100_000])
def test_a_file_that_is_none(run, folder, content):
    (folder / "state").write_bytes(content)
    result = run("analyze", *DNS, "--jsonl", "--resume", "state", "box")
    assert (result.exit_code, result.stdout) == (65, "")
    assert result.stderr == "mailtrace: --resume: state: not a file of --resume\n"
    assert (folder / "state").read_bytes() == content


def test_an_output_that_is_gone(run, folder):
    options = ("analyze", *DNS, "--jsonl", "--resume", "state", "--output", "out", "box")
    run(*options)
    os.truncate(folder / "out", 10)
    result = run(*options)
    assert (result.exit_code, "does not hold what was written" in result.stderr) == (65, True)
