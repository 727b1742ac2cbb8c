"""Many messages on the command line: mailboxes, directories, lists of names; order, titles, faults and the status."""

import json
import subprocess
import sys

import pytest

from tests.cli.conftest import MESSAGE

DNS = ("--dns", "dns.json", "--fail-on", "none")


@pytest.fixture
def box(folder):
    line = b"From ann@example.com Fri May  1 10:00:00 2026\r\n"
    mails = [MESSAGE.replace(b"Subject: Hello", b"Subject: %d" % n) for n in range(3)]
    (folder / "box").write_bytes(b"".join(line + mail + b"\r\n" for mail in mails))
    return mails


def lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_mailbox_is_a_line_a_message(run, box):
    found = lines(run("analyze", *DNS, "--json", "box"))
    assert [(r["source"]["kind"], r["source"]["position"], r["message"]["subject"]) for r in found] == [
        ("mbox", n, str(n)) for n in range(3)
    ]
    assert [r["source"]["size"] for r in found] == [len(mail) for mail in box]


def test_one_message_of_a_mailbox_is_one_object(run, folder):
    (folder / "box").write_bytes(b"From a@b Fri May  1 10:00:00 2026\r\n" + MESSAGE)
    assert json.loads(run("analyze", *DNS, "--json", "box").stdout)["source"]["kind"] == "mbox"


@pytest.mark.usefixtures("box")
def test_the_text_names_each_message(run):
    text = run("analyze", *DNS, "box", "good.eml").stdout
    titles = [line.strip("─ ") for line in text.splitlines() if line.startswith("───")]
    assert titles == ["box #0", "box #1", "box #2", "good.eml"]


def test_the_only_message_has_no_title(run):
    assert not run("analyze", *DNS, "good.eml").stdout.startswith("─")


def test_a_directory_in_order_and_what_was_passed_over(run):
    result = run("analyze", *DNS, "--jsonl", ".")
    found = lines(result)
    members = [r["source"]["member"] for r in found]
    assert members == ["good.eml", "spoof.eml"]
    assert result.stderr.splitlines()[-1].startswith("mailtrace: .: ")
    assert "passed over: no mail in them" in result.stderr


def test_a_fault_is_a_line_and_the_rest_is_done(run):
    result = run("analyze", *DNS, "--jsonl", "nosuch", "good.eml", "empty", "good.eml")
    assert ["error" in r for r in lines(result)] == [True, False, True, False]
    assert result.exit_code == 66


@pytest.mark.parametrize(
    ("content", "options"),
    [(b"good.eml\nspoof.eml\n", ()), (b"good.eml\r\n\r\nspoof.eml", ()), (b"good.eml\0spoof.eml\0", ("-0",))],
)
def test_names_from_a_file(run, folder, content, options):
    (folder / "names").write_bytes(content)
    found = lines(run("analyze", *DNS, "--jsonl", "--files-from", "names", *options))
    assert [r["source"]["name"] for r in found] == ["good.eml", "spoof.eml"]


def test_names_from_standard_input_behind_those_given(run):
    result = run("analyze", *DNS, "--jsonl", "spoof.eml", "--files-from", "-", input=b"good.eml\n")
    assert [r["source"]["name"] for r in lines(result)] == ["spoof.eml", "good.eml"]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--files-from", "nosuch"), 66, "nosuch: No such file"),
        (("--files-from", "long"), 65, "long: a name of more than"),
        (("--files-from", "ended"), 65, "ended: a name that holds NUL; are names separated by NUL (-0)?"),
        (("--null", "good.eml"), 2, "--null needs --files-from"),
        (("-", "--files-from", "-"), 2, "standard input can be read only once"),
    ],
)
def test_a_list_that_is_none(run, folder, arguments, status, words):
    (folder / "long").write_bytes(b"x" * 200_000)
    (folder / "ended").write_bytes(b"good.eml\0spoof.eml\0")
    result = run("analyze", *DNS, *arguments)
    assert (result.exit_code, words in result.stderr) == (status, True)


def test_a_standard_input_that_is_closed_costs_nothing_of_the_rest(folder):
    words = ("analyze", *DNS, "--jsonl", "-", "good.eml")
    command = ("sh", "-c", '"$0" -m mailtrace "$@" <&-', sys.executable, *words)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ["error" in json.loads(line) for line in done.stdout.splitlines()] == [True, False]
    assert (done.returncode, done.stderr) == (66, "mailtrace: standard input: it is closed\n")


def test_an_empty_list_is_no_message_and_no_fault(run, folder):
    (folder / "names").write_bytes(b"\n")
    result = run("analyze", *DNS, "--json", "--files-from", "names")
    assert (result.exit_code, result.stdout) == (0, "")
