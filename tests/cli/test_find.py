"""`mailtrace find` as a shell runs it."""

import json
import pathlib

import jsonschema
import pytest

from tests.delivery.build import idle, maildir, received, saved, write

SCHEMA = pathlib.Path(__file__).parents[2] / "docs" / "schema" / "find.json"
BOB = "bob@corp.example"

pytestmark = pytest.mark.usefixtures("logs")


@pytest.fixture(name="logs")
def make_logs(folder):
    write(folder, mail_log=[*idle(), *received("4QpZ1x2Yz9Kc"), saved("4QpZ1x2Yz9Kc", BOB)])
    maildir(folder)
    return folder


def test_an_answer_in_text(run):
    done = run("find", "--message-id", "abc@sender.example", "--tz", "Europe/Berlin", "mail.log", "Maildir")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("YES   bob@corp.example has it, in INBOX, since Tue 20 Oct 2026 12:00:01")
    assert "(10:00:01 UTC)" in done.stdout


def test_an_answer_in_json(run):
    done = run("find", "--message-id", "abc@sender.example", "--json", "mail.log", "Maildir")
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads(SCHEMA.read_text("utf-8")))
    assert document["schema"] == "mailtrace/find"
    assert document["answer"]["outcome"] == "delivered"
    assert document["query"]["message_ids"] == ["<abc@sender.example>"]
    assert {"source", "kind", "first", "last", "covers_query", "gaps"} <= set(document["coverage"][0])


def test_the_copy_of_the_sender_is_the_question(logs, run):
    (logs / "sent.eml").write_text(
        "From: ann@sender.example\nTo: bob@corp.example\nDate: Tue, 20 Oct 2026 10:00:00 +0000\nMessage-ID: <abc@sender.example>\n\nx\n"
    )
    assert run("find", "--like", "sent.eml", "mail.log").exit_code == 0


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--message-id", "abc@sender.example"], 0),
        (["--message-id", "abc@sender.example", "--fail-on", "delivered"], 10),
        (["--message-id", "other@sender.example", "--to", BOB], 11),
        (["--message-id", "other@sender.example", "--to", BOB, "--around", "2026-10-20 10:00", "--window", "1h"], 10),
        (
            ["--message-id", "x@y", "--to", BOB, "--around", "2026-10-20 10:00", "--window", "1h", "--fail-on", "none"],
            0,
        ),
        ([], 2),
        (["--message-id", "<>"], 2),
        (["--to", BOB, "--around", "yesterday-ish"], 2),
        (["--to", BOB, "--around", "2026-10-20", "--window", "soon"], 2),
        (["--to", BOB, "--window", "2h"], 2),
        (["--to", BOB, "--tz", "Mars/Olympus"], 2),
        (["--to", BOB, "--tz", "../../etc/passwd"], 2),
        (["--to", BOB, "--after", "2026-10-21", "--before", "2026-10-20"], 2),
        (["--to", BOB, "--fail-on", "bad"], 2),
        (["--like", "gone.eml"], 66),
        (["--like", "empty"], 65),
    ],
)
def test_how_it_ends(run, options, status):
    done = run("find", *options, "mail.log")
    assert done.exit_code == status, done.output
    assert status != 2 or len(done.stderr.splitlines()) == 1


def test_a_source_that_is_none_is_said_and_stops_nothing(run):
    done = run("find", "--message-id", "abc@sender.example", "mail.log", "cat.jpg", "gone.log")
    assert done.exit_code == 66
    assert "has it" in done.stdout
    assert "mailtrace: cat.jpg: neither mail nor a log that is known\n" in done.stderr


def test_the_schema_is_printed(run):
    assert json.loads(run("schema", "find").stdout) == json.loads(SCHEMA.read_text("utf-8"))
