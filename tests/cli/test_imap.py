"""Mailboxes on servers, as a shell reaches them: the password's ways, the exit status, and the way from find to analyze."""

import fcntl
import json
import os
import pty
import shlex
import socket
import sys
import termios
import types

import pytest

from mailtrace.cli import passwords
from mailtrace.sources.imap.url import read_url
from tests import certificates
from tests.delivery.build import idle, write
from tests.delivery.imap_servers import Fake, skip_without_client
from tests.delivery.test_imap import BOB, message

ID = ("--message-id", "one@sender.example")
TIME = ("--around", "2026-10-20 10:00", "--window", "1h", "--to", BOB)


@pytest.fixture(name="server")
def start_server():
    skip_without_client()
    with Fake({"INBOX": [message("<other@sender.example>"), message()]}) as server:
        yield server


@pytest.fixture(name="known")
def know_the_password(run, monkeypatch):
    assert run  # which clears the environment first
    monkeypatch.setenv(passwords.VARIABLE, "secret")


SECRETIVE = ("imaps://bob:hunter2@h/", "imap://bob:hunter2@corp.example@h/INBOX", "imaps://bob@h:hunter2/")


@pytest.mark.parametrize("url", SECRETIVE)
@pytest.mark.parametrize(
    "command",
    [("find", *ID), ("find", *ID, "good.eml", "--other-side"), ("find", "good.eml", "--like"), ("analyze", "good.eml")],
)
def test_a_password_in_a_url_is_refused_and_never_repeated(run, command, url):
    done = run(*command, url)
    assert done.exit_code == 2
    assert "hunter2" not in done.output + repr(done.exception)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("url", SECRETIVE)
def test_nor_from_a_list_of_names(run, folder, url):
    (folder / "names").write_text(f"{url}\ngood.eml\n")
    done = run("analyze", "--offline", "--files-from", "names", "--jsonl")
    refused, good = map(json.loads, done.stdout.splitlines())
    assert done.exit_code == 65
    assert "hunter2" not in done.output
    assert refused["source"]["name"] == url.partition(":")[0] + "://..."
    assert good["source"]["name"] == "good.eml"


@pytest.mark.server
@pytest.mark.usefixtures("known")
def test_what_find_says_to_do_next_can_be_done(run, server):
    done = run("find", *ID, "--json", server.url)
    assert done.exit_code == 0, done.output
    (step,) = (one for one in json.loads(done.stdout)["answer"]["next_steps"] if "mailtrace analyze" in one)
    program, *arguments = shlex.split(step.split("`")[1])
    assert program == "mailtrace"
    done = run(*arguments, "--offline", "--json")
    assert done.exit_code in (0, 11), done.output
    report = json.loads(done.stdout)
    assert report["message"]["message_id"] == "<one@sender.example>"
    assert (report["source"]["kind"], report["source"]["position"]) == ("imap", 101)
    assert {command.split(" ")[0] for command in server.commands} <= {
        "CAPABILITY", "AUTHENTICATE", "LIST", "EXAMINE", "UID", "LOGOUT"
    }  # fmt: skip


@pytest.mark.server
@pytest.mark.usefixtures("known")
def test_the_authority_that_was_needed_is_in_what_to_do_next(run, server, tmp_path):
    certificates.write(tmp_path, "imap.test")
    done = run("find", *ID, "--json", "--imap-ca", tmp_path / "ca.pem", server.url)
    step = json.loads(done.stdout)["answer"]["next_steps"][-1]
    assert f"mailtrace analyze --imap-ca {tmp_path / 'ca.pem'} 'imap://" in step


@pytest.mark.server
@pytest.mark.usefixtures("known")
def test_a_whole_folder_is_analysed(run, server):
    done = run("analyze", "--offline", "--jsonl", f"{server.url}INBOX")
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["source"]["member"] for one in reports] == [
        "INBOX;UIDVALIDITY=7/;UID=100",
        "INBOX;UIDVALIDITY=7/;UID=101",
    ]
    assert [one["source"]["flags"] for one in reports] == ["S", "S"]
    done = run("analyze", "--offline", "--jsonl", server.url, "good.eml")
    assert len(done.stdout.splitlines()) == 3


@pytest.mark.server
@pytest.mark.usefixtures("known")
def test_the_copy_of_the_sender_may_lie_on_a_server(run, server):
    done = run("find", "--like", f"{server.url}INBOX;UID=101", "--json", "good.eml")
    assert json.loads(done.stdout)["query"]["message_ids"] == ["<one@sender.example>"]


@pytest.mark.server
@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("path", "command", "status"),
    [
        ("", ("find", *ID), 0),
        ("Nowhere", ("find", *ID), 66),
        ("Nowhere", ("analyze", "--offline"), 66),
        ("INBOX;UID=999", ("analyze", "--offline"), 66),
        ("INBOX;UIDVALIDITY=1/;UID=101", ("analyze", "--offline"), 66),
    ],
)
def test_exit_status(run, server, path, command, status):
    done = run(*command, f"{server.url}{path}")
    assert done.exit_code == status, done.output
    assert done.stderr.count("\n") == (0 if status == 0 else 1)


@pytest.mark.server
@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("command", [("find", *ID), ("analyze", "--offline"), ("find", *ID, "--like")])
def test_a_server_that_cannot_be_reached(run, command):
    skip_without_client()
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"imap://bob@127.0.0.1:{unused.getsockname()[1]}/"
    done = run(*command, url, *(["good.eml"] if "--like" in command else []))
    assert done.exit_code == 69
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"mailtrace: {url}: no connection to 127.0.0.1:")


@pytest.mark.server
@pytest.mark.usefixtures("known")
def test_the_other_sources_are_read_all_the_same(run, folder):
    skip_without_client()
    write(folder, mail_log=idle())
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"imap://bob@127.0.0.1:{unused.getsockname()[1]}/"
    done = run("find", *ID, *TIME, url, "mail.log", "--json")
    document = json.loads(done.stdout)
    assert done.exit_code == 69
    assert document["answer"]["outcome"] == "unknown"
    assert {part["kind"]: part["covers_query"] for part in document["coverage"]} == {"postfix-log": True, "imap": None}
    assert run("find", *ID, *TIME, "mail.log").exit_code == 10


def test_a_report_over_all_messages_reads_no_mailboxes(run, folder):
    (folder / "domains").write_text("bank.example\n")
    done = run("find", "--forced-tls", "domains", "imaps://bob@h/")
    assert done.exit_code == 2
    assert "mailboxes on servers" in done.stderr


def test_without_the_extra(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "imapclient", None)
    done = run("find", *ID, "imaps://bob@imap.example/")
    assert done.exit_code == 69
    assert "the extra [imap]" in done.stderr


URL = read_url("imaps://bob@imap.example/")


class TestPassword:
    @pytest.fixture(autouse=True)
    def _nobody_knows(self, monkeypatch):
        monkeypatch.delenv(passwords.VARIABLE, raising=False)
        monkeypatch.setitem(sys.modules, "keyring", None)
        monkeypatch.setattr(passwords, "_asked", lambda _: None)

    def keep(self, monkeypatch, **kept):
        def get_password(service, user):
            assert (service, user) == ("mailtrace:imap.example", "bob")
            return kept["secret"] if "secret" in kept else [].pop()

        monkeypatch.setitem(sys.modules, "keyring", types.SimpleNamespace(get_password=get_password))

    def test_nobody_knows_it(self):
        assert passwords.Passwords().of(URL) is None

    def test_from_the_environment(self, monkeypatch):
        self.keep(monkeypatch, secret="kept")
        monkeypatch.setenv(passwords.VARIABLE, "given")
        assert passwords.Passwords().of(URL) == "given"

    def test_the_environment_is_for_one_server(self, monkeypatch):
        monkeypatch.setenv(passwords.VARIABLE, "given")
        found = passwords.Passwords()
        assert found.of(URL) == "given"
        assert found.of(read_url("imaps://eve@IMAP.example/")) == "given"
        assert found.of(read_url("imaps://bob@other.example/")) is None

    def test_from_the_keyring(self, monkeypatch):
        self.keep(monkeypatch, secret="kept")
        assert passwords.Passwords().of(URL) == "kept"

    def test_a_keyring_that_fails(self, monkeypatch):
        self.keep(monkeypatch)
        assert passwords.Passwords().of(URL) is None

    def test_asked_once(self, monkeypatch):
        asked = []
        monkeypatch.setattr(passwords, "_asked", lambda url: asked.append(url) or "typed")
        found = passwords.Passwords()
        assert [found.of(URL), found.of(URL)] == ["typed", "typed"]
        assert len(asked) == 1

    def test_two_servers_are_not_told_one_password(self, run, monkeypatch):
        monkeypatch.setenv(passwords.VARIABLE, "given")
        done = run("find", *ID, "imaps://bob@a.example/", "imaps://bob@b.example/")
        assert done.exit_code == 2
        assert "2 servers" in done.stderr


@pytest.mark.server
def test_asked_for_at_the_terminal_without_echo(start, server):
    main, terminal = pty.openpty()

    def take_the_terminal():
        os.setsid()
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)

    process = start("find", *ID, server.url, stdin=terminal, preexec_fn=take_the_terminal)
    os.close(terminal)
    prompt = b""
    while not prompt.endswith(b": "):
        prompt += os.read(main, 1000)
    assert b"Password of bob at 127.0.0.1" in prompt
    os.write(main, b"typed in\n")
    output, errors = process.communicate(timeout=60)
    shown = prompt
    try:
        while octets := os.read(main, 1000):
            shown += octets
    except OSError:  # nobody has it open any more
        pass
    os.close(main)
    assert process.returncode == 0, errors
    assert b"typed in" not in shown + output + errors


@pytest.mark.server
def test_not_asked_for_without_a_terminal(start, server):
    process = start("find", *ID, server.url, start_new_session=True)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 69
    assert b"MAILTRACE_IMAP_PASSWORD" in errors
    assert server.verbs() <= {"CAPABILITY", "LOGOUT"}
