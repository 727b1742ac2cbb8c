"""`mailtrace find` as a shell runs it."""

import json
import pathlib

import jsonschema
import pytest

from mailtrace.resolver.recorded import from_mapping
from tests.auth.dkim_signing import record
from tests.delivery.build import idle, maildir, received, saved, write
from tests.delivery.test_signed import bounce as signed_bounce

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
        (["--to", BOB, "--said", "got it"], 2),
        (["--to", BOB, "--said", f"{BOB}="], 2),
        (["--message-id", "other@sender.example", "--said", f"{BOB}=got it = ok"], 11),
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
    assert "got it" in done.stdout
    assert "mailtrace: cat.jpg: neither mail nor a log that is known\n" in done.stderr


def test_the_schema_is_printed(run):
    assert json.loads(run("schema", "find").stdout) == json.loads(SCHEMA.read_text("utf-8"))


@pytest.fixture(name="bounce")
def make_bounce(logs):
    (logs / "bounce.eml").write_bytes(signed_bounce())
    (logs / "dns.json").write_text(json.dumps({"s1._domainkey.reporter.example": {"TXT": [record()]}}))
    (logs / "other.json").write_text("{}")
    (logs / "keys.json").write_text((logs / "dns.json").read_text())
    (logs / "broken.json").write_text("[")
    return logs


@pytest.mark.parametrize(
    ("options", "signature", "source"),
    [
        (["--dns", "dns.json"], "verified", "recording"),
        (["--dns", "other.json"], "not-checked", None),
        (["--offline"], "not-checked", None),
        (["--offline", "--keys", "keys.json"], "verified", "archive"),
    ],
)
@pytest.mark.usefixtures("bounce")
def test_the_key_of_a_signed_bounce(run, options, signature, source):
    done = run("find", "--message-id", "abc@sender.example", "--json", "bounce.eml", *options)
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads(SCHEMA.read_text("utf-8")))
    [found] = document["reports"]
    assert (found["signature"], found["key_source"], found["matched_by"]) == (signature, source, "message-id")
    assert document["recipients"][0]["evidence_class"] == ("C" if signature == "verified" else "D")


@pytest.mark.usefixtures("bounce")
def test_live_dns_is_asked_for_the_key_of_a_signed_report_and_for_nothing_else(run, monkeypatch):
    asked = []

    class Live:
        mode, recorded_at, trouble = "live", None, None

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def for_message(self):
            return self

        def resolve(self, name, rrtype):
            asked.append(name)
            return from_mapping({name: {"TXT": [record()]}}).resolve(name, rrtype)

    monkeypatch.setattr("mailtrace.resolver.live.live_resolver", lambda *_, **__: Live())
    assert run("find", "--message-id", "abc@sender.example", "mail.log", "Maildir").exit_code == 0
    assert asked == []
    assert "Evidence C" in run("find", "--message-id", "abc@sender.example", "bounce.eml").stdout
    assert asked == ["s1._domainkey.reporter.example"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--dns", "dns.json", "--offline"], 2),
        (["--dns", "dns.json", "--record", "x.json"], 2),
        (["--resolver-ca", "x.pem"], 2),
        (["--resolver", "not an address"], 2),
        (["--record", "mail.log"], 2),
        (["--output", "dns.json", "--dns", "dns.json"], 2),
        (["--dns", "gone.json"], 66),
        (["--dns", "broken.json"], 65),
        (["--keys", "gone.json", "--offline"], 66),
        (["--keys", "broken.json", "--offline"], 65),
    ],
)
@pytest.mark.usefixtures("bounce")
def test_options_of_dns_that_cannot_be(run, options, status):
    done = run("find", "--message-id", "abc@sender.example", "mail.log", *options)
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (status, "", 1)


@pytest.mark.parametrize(
    ("name", "octets", "outcome"),
    [
        ("missing.log", None, "unknown"),
        ("mail.log.2.gz", b"\x1f\x8b" + b"\xff" * 20, "unknown"),
        ("picture.png", b"\x89PNG\r\n", "never-seen"),
        ("nothing", b"", "never-seen"),
    ],
)
def test_what_could_not_be_read_may_hold_it(run, logs, name, octets, outcome):
    """What is neither mail nor a log was read, and does not."""
    if octets is not None:
        (logs / name).write_bytes(octets)
    done = run("find", *NOT_THERE, "--json", "mail.log", name)
    assert json.loads(done.stdout)["answer"]["outcome"] == outcome
    assert done.stderr.count("\n") == 1


NOT_THERE = ("--message-id", "x@y", "--to", BOB, "--around", "2026-10-20 10:00", "--window", "1h")
