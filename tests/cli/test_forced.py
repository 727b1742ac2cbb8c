"""`mailtrace find --forced-tls` as a shell runs it."""

import csv
import gzip
import io
import json

import pytest

from tests.delivery.build import line

pytestmark = pytest.mark.usefixtures("logs")

TLS = "TLS connection established to mx.clinic.example[192.0.2.1]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"


def sent(at, queue_id, to, pid=202, more="", reply="250 2.0.0 Ok: queued as 1B"):
    rest = f"relay=mx.clinic.example[192.0.2.1]:25, delay=1.2, delays=0.1/0/0.5/0.6,{more} dsn=2.0.0, status=sent ({reply})"
    return line(at, f"postfix/smtp[{pid}]: {queue_id}: to=<{to}>, {rest}")


@pytest.fixture(name="logs")
def make_logs(folder):
    """One message in clear, one under TLS with an unverified certificate, and one that nothing is said of."""
    (folder / "clear.log").write_text(sent(0, "4QpZ0y1xYz10", "bob@clinic.example", more=" tls=may:none,"))
    (folder / "tls.log").write_text(
        line(0, f"postfix/smtp[202]: Untrusted {TLS}") + sent(1, "4QpZ0y1xYz11", "bob@clinic.example")
    )
    (folder / "silent.log").write_text(sent(2, "4QpZ0y1xYz12", "bob@clinic.example"))
    (folder / "list").write_text("clinic.example\n")
    (folder / "verify").write_text("clinic.example verify\n")
    return folder


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["list", "tls.log"], 0),
        (["list", "clear.log", "silent.log"], 10),
        (["list", "clear.log", "--fail-on", "not-verified"], 0),
        (["list", "clear.log", "--fail-on", "none"], 0),
        (["verify", "tls.log"], 10),
        (["verify", "tls.log", "--fail-on", "in-clear"], 0),
        (["list", "silent.log", "tls.log"], 11),
        (["list", "silent.log", "--fail-on", "in-clear,undecided"], 10),
        (["list", "silent.log", "--fail-on", "none"], 11),
        (["list", "tls.log", "--after", "2026-10-20 00:00"], 11),
        (["list", "tls.log", "--after", "2026-10-20 10:00", "--before", "2026-10-20 10:01"], 0),
        (["list", "clear.log", "--after", "2026-10-20 10:30", "--before", "2026-10-20 10:40"], 0),
        (["list", "tls.log", "gone.log"], 66),
        (["list", "tls.log", "list"], 65),
        (["gone", "tls.log"], 66),
        ([".", "tls.log"], 66),
        (["list", "tls.log", "--fail-on", "bounced"], 2),
        (["list", "tls.log", "--message-id", "a@b"], 2),
        (["list", "tls.log", "--to", "a@b"], 2),
        (["list", "tls.log", "--window", "2h"], 2),
        (["list", "tls.log", "--trace"], 2),
        (["list", "tls.log", "--json", "--csv"], 2),
        (["list", "tls.log", "--after", "2026-10-21", "--before", "2026-10-20"], 2),
    ],
)
def test_how_it_ends(run, options, status):
    done = run("find", "--forced-tls", *options)
    assert done.exit_code == status, done.output
    assert status != 2 or len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("options", [["--csv"], ["--all"], ["--fail-on", "in-clear"]])
def test_what_is_of_forced_tls_is_refused_elsewhere(run, options):
    assert run("find", "--message-id", "a@b", *options, "tls.log").exit_code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# nothing\n\n", "names no domain"),
        ("clinic.example\nclinic example verify\n", "line 2: a domain and a policy, and no more"),
        ("\n\nclinic..example", "line 3: not a domain: 'clinic..example'"),
        ("bob@clinic.example", "line 1: not a domain"),
        ("192.0.2.1", "line 1: not a domain"),
        ("*clinic.example", "line 1: not a domain"),
        ("clinic.example must", "line 1: the policy is one of encrypt, trust, verify, not 'must'"),
        ("clinic.example\nCLINIC.example verify", "line 2: line 1 says encrypt for clinic.example"),
        ("\x1b[31m", "line 1: not a domain: '\\x1b[31m'"),
        ("a..b\n" * 9, "; and 4 more"),
    ],
)
def test_a_bad_list_is_a_wrong_command_line(logs, run, text, said):
    (logs / "bad").write_text(text)
    done = run("find", "--forced-tls", "bad", "tls.log")
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_list_as_people_write_it(logs, run):
    content = "\ufeff# partners\r\nClinic.Example.  VERIFY # signed 2025\r\n*.lab.example\r\nb\u00fccher.example\r\n"
    (logs / "list").write_text(content, "utf-8", newline="")
    lines = [
        sent(at, f"4QpZ0y1xYz1{at}", f"x@{name}") for at, name in enumerate(("xn--bcher-kva.example", "a.LAB.example"))
    ]
    (logs / "more.log").write_text("".join([*lines, sent(3, "4QpZ0y1xYz19", "x@lab.example")]))
    done = run("find", "--forced-tls", "list", "--json", "--all", "tls.log", "more.log")
    domains = [(one["domain"], one["policy"], one["transfers"]) for one in json.loads(done.stdout)["domains"]]
    assert domains == [
        ("clinic.example", "verify", 1),
        (".lab.example", "encrypt", 1),
        ("xn--bcher-kva.example", "encrypt", 1),
    ]


def test_the_longest_entry_counts(logs, run):
    (logs / "list").write_text(".example encrypt\n.clinic.example trust\nclinic.example verify\n")
    names = ("clinic.example", "a.clinic.example", "b.a.clinic.example", "other.example", "example")
    (logs / "more.log").write_text("".join(sent(at, f"4QpZ0y1xYz1{at}", f"x@{name}") for at, name in enumerate(names)))
    found = json.loads(run("find", "--forced-tls", "list", "--json", "more.log").stdout)["transfers"]
    assert [one["domain"] for one in found] == ["clinic.example", ".clinic.example", ".clinic.example", ".example"]


def test_the_table_holds_no_formula(logs, run):
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "|x", "%x", " =1", "\uff1d1"]
    text = "".join(
        sent(at, f"4QpZ0y1xYz1{at}", f"{word.strip()}@clinic.example", reply=word, more=" tls=may:none,")
        for at, word in enumerate(hostile)
    )
    (logs / "hostile.log").write_text(
        text + sent(9, "4QpZ0y1xYz19", 'a"b,c@clinic.example', reply="\x1b[31mred\ttab", more=" tls=none,")
    )
    done = run("find", "--forced-tls", "list", "--csv", "hostile.log")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 9
    assert "\x1b" not in done.stdout
    for row in rows:
        assert not [cell for cell in row.values() if cell.strip()[:1] in set("=+-@|%\uff1d\t\r")]
    assert rows[8]["recipient"] == 'a"b,c@clinic.example'
    assert {row["answer"] for row in rows} == {"in-clear"}


def test_a_log_that_breaks_off_is_not_all_that_was_sent(logs, run):
    packed = gzip.compress((logs / "tls.log").read_bytes() * 20_000, mtime=0)
    (logs / "cut.gz").write_bytes(packed[: len(packed) // 2])
    done = run("find", "--forced-tls", "list", "--json", "cut.gz")
    report = json.loads(done.stdout)
    assert report["answer"]["is_complete"] is False
    assert "could not be read to its end" in report["coverage"][0]["notes"][-1]
    assert done.exit_code == 11


def test_mail_is_no_log(logs, run):
    (logs / "one.eml").write_text("From: a@b\nTo: bob@clinic.example\nDate: Tue, 20 Oct 2026 10:00:00 +0000\n\nx\n")
    done = run("find", "--forced-tls", "list", "one.eml")
    assert done.exit_code == 65
    assert "no log among the sources" in done.stderr
    assert "1 file is mail, and no log" in done.stdout


def test_a_log_that_cannot_tell_is_named(run):
    done = run("find", "--forced-tls", "list", "--json", "silent.log", "tls.log", "clear.log")
    notes = {one["source"]: one["notes"] for one in json.loads(done.stdout)["coverage"]}
    said = "nothing in it tells of TLS towards other servers"
    assert {name for name, words in notes.items() if said in words} == {"silent.log"}


def test_a_schema(run):
    assert json.loads(run("schema", "forced-tls").stdout)["title"] == "mailtrace find --forced-tls"
