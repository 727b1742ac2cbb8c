"""`mailtrace analyze` from the outside: what stands where, and how it ends."""

import json
import re

import jsonschema
import pytest

from mailtrace.render.json_schema import schema

DNS = ("--dns", "dns.json")
SGR = re.compile(r"\x1b\[[0-9;]*m")


def test_a_message_in_words(run):
    result = run("analyze", *DNS, "--fail-on", "none", "good.eml")
    assert result.stderr == ""
    assert result.exit_code in (0, 11)
    assert "From      Ann <ann@example.com>" in result.stdout
    assert "recorded by mx.example.net" in result.stdout
    assert not SGR.search(result.stdout)
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_a_message_as_json(run):
    result = run("analyze", *DNS, "--json", "good.eml")
    document = json.loads(result.stdout)
    jsonschema.validate(document, schema())
    assert result.stdout.startswith("{\n  ")
    assert document["source"]["name"] == "good.eml"
    assert document["dns"]["mode"] == "recorded"
    assert document["message"]["from"] == [{"name": "Ann", "address": "ann@example.com"}]


@pytest.mark.parametrize("option", ["--explain-hops", "-v"])
def test_hops_are_told_in_sentences(run, option):
    plain = run("analyze", *DNS, "good.eml").stdout
    told = " ".join(run("analyze", *DNS, option, "good.eml").stdout.split())
    assert "receiving side's own record" not in " ".join(plain.split())
    assert "That is the receiving side's own record, made when it took the message over." in told


def test_related_fields_are_in_the_json(run):
    document = json.loads(run("analyze", *DNS, "--json", "good.eml").stdout)
    assert all("related" in hop for hop in document["path"]["hops"])
    assert isinstance(document["path"]["unplaced"], list)


def test_a_forgery_ends_with_10(run):
    result = run("analyze", *DNS, "spoof.eml")
    assert (result.exit_code, result.stderr) == (10, "")
    assert result.stdout.startswith("FORGED ")


def test_fail_on_none(run):
    assert run("analyze", *DNS, "--fail-on", "none", "spoof.eml").exit_code == 0


def test_fail_on_takes_a_list_and_any_case(run):
    assert run("analyze", *DNS, "--fail-on", "unproven, Forged", "spoof.eml").exit_code == 10
    assert run("analyze", *DNS, "--fail-on", "cleartext", "spoof.eml").exit_code == 0
    assert run("analyze", *DNS, "--fail-on", "dmarc-fail", "spoof.eml").exit_code == 10


def test_without_dns_nothing_is_decided(run):
    result = run("analyze", "--offline", "--json", "good.eml")
    assert result.exit_code == 11
    document = json.loads(result.stdout)
    assert document["verdict"]["authenticity"] == "indeterminate"
    assert document["dns"]["mode"] == "offline"


def test_a_recording_that_lacks_the_questions(run):
    result = run("analyze", "--dns", "open.json", "--json", "good.eml")
    assert (result.exit_code, result.stderr) == (11, "")
    assert json.loads(result.stdout)["dns"]["unanswered"] > 0


def test_standard_input(run, folder):
    message = (folder / "good.eml").read_bytes()
    for arguments in ([], ["-"]):
        result = run("analyze", *DNS, "--json", *arguments, input=message)
        assert json.loads(result.stdout)["source"]["name"] is None
        assert result.stderr == ""


def test_several_messages_in_order(run):
    result = run("analyze", *DNS, "--json", "good.eml", "cat.jpg", "nosuch", "spoof.eml")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["source"]["name"] for line in lines] == ["good.eml", "cat.jpg", "nosuch", "spoof.eml"]
    assert [line.get("error", {}).get("code") for line in lines] == [None, "not-a-message", "no-such-input", None]
    assert result.exit_code == 66
    for line in lines:
        jsonschema.validate(line, schema())
    assert [line.split(": ")[1] for line in result.stderr.splitlines()] == ["cat.jpg", "nosuch"]


def test_several_messages_in_words(run):
    result = run("analyze", *DNS, "good.eml", "empty", "spoof.eml")
    titles = [line for line in result.stdout.splitlines() if line.startswith("──────")]
    assert ["good.eml" in titles[0], "spoof.eml" in titles[1]] == [True, True]
    assert result.stderr == "mailtrace: empty: the input is empty\n"
    assert result.exit_code == 10


def test_jsonl_of_one_is_one_line(run):
    result = run("analyze", *DNS, "--jsonl", "good.eml")
    assert len(result.stdout.splitlines()) == 1
    assert result.stdout == run("analyze", *DNS, "--format", "jsonl", "good.eml").stdout


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("nosuch.eml",), 66, "nosuch.eml: No such file or directory"),
        (("empty",), 65, "empty: the input is empty"),
        (("cat.jpg",), 65, "cat.jpg: not a mail message: a JPEG image"),
        (("good.eml", "--dns", "nosuch.json"), 66, "nosuch.json: No such file or directory"),
        (("good.eml", "--dns", "broken.json"), 65, "broken.json: "),
        (("good.eml", "--output", "nosuch/out"), 74, "nosuch/out: No such file or directory"),
    ],
)
def test_one_clear_line(run, arguments, status, words):
    offline = () if "--dns" in arguments else ("--offline",)
    result = run("analyze", *offline, *arguments)
    assert (result.exit_code, result.stdout) == (status, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"mailtrace: {words}")


def test_a_truncated_message_has_a_report(run, folder):
    whole = (folder / "good.eml").read_bytes()
    (folder / "cut.eml").write_bytes(whole[:200])
    result = run("analyze", *DNS, "--json", "cut.eml")
    assert json.loads(result.stdout)["source"]["size"] == 200
    assert result.exit_code in (0, 10, 11)


def test_a_hostile_file_name_is_escaped(run, folder):
    name = "a\x1b[31m\u202e\n.eml"
    (folder / name).write_bytes(b"")
    result = run("analyze", "--offline", name)
    assert result.exit_code == 65
    assert result.stderr == "mailtrace: a\\x1b[31m\\u202e\\n.eml: the input is empty\n"
    (folder / name).write_bytes((folder / "good.eml").read_bytes())
    for extra in ([], ["-v"], ["--json"], ["good.eml"]):
        shown = run("analyze", "--offline", name, *extra).stdout
        assert all(char == "\n" or char.isprintable() for char in shown)


def test_a_file_name_that_is_not_utf8(shell, folder):
    name = b"caf\xe9.eml"
    (folder / name.decode("utf-8", "surrogateescape")).write_bytes((folder / "good.eml").read_bytes())
    status, output, errors = shell("analyze", "--offline", "--json", name.decode("utf-8", "surrogateescape"))
    assert (status, errors) == (11, "")
    assert json.loads(output)["source"]["name"] == "caf\ufffd.eml"


def test_output_goes_to_a_file(run, folder):
    result = run("analyze", *DNS, "--json", "--output", "out.json", "good.eml")
    assert result.stdout == ""
    assert json.loads((folder / "out.json").read_text())["source"]["name"] == "good.eml"


def test_what_the_examiner_knows_is_taken(run):
    known = ("--client-ip", "[IPv6:2001:DB8::1]", "--helo", "h.example", "--mail-from", "<>")
    result = run("analyze", *DNS, "--json", *known, "--trust", ".example.net", "--trust", "10.0.0.0/8", "good.eml")
    document = json.loads(result.stdout)
    assert document["session"]["client_ip"] == "2001:db8::1"
    assert document["session"]["client_ip_source"] == "given"
    assert document["session"]["helo"] == "h.example"
    assert document["session"]["mail_from"] == "<>"
    assert document["inputs"]["trust"] == [".example.net", "10.0.0.0/8"]
    assert document["inputs"]["session"]["client_ip"] == "2001:db8::1"


def test_options_from_the_environment(run, folder):
    environment = {"MAILTRACE_ANALYZE_TRUST": ".example.net", "MAILTRACE_ANALYZE_DNS": str(folder / "dns.json")}
    document = json.loads(run("analyze", "--json", "good.eml", env=environment).stdout)
    assert document["inputs"]["trust"] == [".example.net"]
    assert document["dns"]["mode"] == "recorded"


@pytest.mark.parametrize(
    ("environment", "arguments", "colored"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False),
        ({"FORCE_COLOR": ""}, [], False),
    ],
)
def test_colour(run, environment, arguments, colored):
    result = run("analyze", *DNS, *arguments, "good.eml", env=environment)
    assert bool(SGR.search(result.stdout)) is colored


@pytest.mark.parametrize(
    ("environment", "arguments", "width"), [({"COLUMNS": "60"}, [], 60), ({}, ["--width", "200"], 200)]
)
def test_width(run, environment, arguments, width):
    result = run("analyze", *DNS, "-v", *arguments, "good.eml", env=environment)
    longest = max(map(len, result.stdout.splitlines()))
    assert width - 45 < longest <= width


def test_lint_comments_and_changes_no_verdict(run):
    plain = json.loads(run("analyze", *DNS, "--json", "spoof.eml").stdout)
    linted = json.loads(run("analyze", *DNS, "--json", "--lint", "spoof.eml").stdout)
    assert linted["verdict"] == plain["verdict"]
    added = [finding for finding in linted["findings"] if finding not in plain["findings"]]
    assert {finding["severity"] for finding in added} <= {"info"}
    assert len(linted["findings"]) == len(plain["findings"]) + len(added)


def test_the_same_twice(run):
    arguments = ("analyze", *DNS, "--json", "good.eml")
    assert run(*arguments).stdout == run(*arguments).stdout


def test_a_hundred_thousand_header_lines(shell, folder):
    (folder / "long.eml").write_bytes(b"X-Filler: y\r\n" * 100_000 + (folder / "good.eml").read_bytes())
    status, output, errors = shell("analyze", *DNS, "--json", "long.eml")
    assert (status in (0, 10, 11), errors) == (True, "")
    assert json.loads(output)["message"]["subject"] == "Hello"


def test_a_fault_of_ours_is_one_line_and_does_not_stop_the_rest(run, monkeypatch):
    import mailtrace.cli.work

    real = mailtrace.cli.work.analyze

    def analyze(raw, *, source, **extra):
        if source.name == "spoof.eml":
            raise ZeroDivisionError("\x1b[31mof ours")
        return real(raw, source=source, **extra)

    monkeypatch.setattr(mailtrace.cli.work, "analyze", analyze)
    result = run("analyze", *DNS, "--jsonl", "spoof.eml", "good.eml")
    assert result.exit_code == 70
    (line,) = result.stderr.splitlines()
    assert line == (
        "mailtrace: spoof.eml: a fault in mailtrace itself: ZeroDivisionError: \\x1b[31mof ours (--debug shows where)"
    )
    broken, good = map(json.loads, result.stdout.splitlines())
    assert broken["error"]["code"] == "internal-fault"
    assert good["source"]["name"] == "good.eml"
    debugged = run("analyze", *DNS, "--debug", "spoof.eml").stderr
    assert "Traceback" in debugged
    assert all(char == "\n" or char.isprintable() for char in debugged)


def test_a_fault_outside_of_any_message(run, monkeypatch):
    import mailtrace.resolver.recorded

    def load(path):
        raise ZeroDivisionError(path)

    monkeypatch.setattr(mailtrace.resolver.recorded, "load_dns", load)
    result = run("analyze", *DNS, "good.eml")
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (70, "", 1)
    assert "Traceback" in run("analyze", *DNS, "--debug", "good.eml").stderr
