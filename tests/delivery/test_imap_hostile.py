"""A server that hangs, lies about sizes, or speaks no IMAP: one line says so, within bounds of octets and time."""

import socket
import threading
import time
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailtrace.delivery import imap
from mailtrace.sources.imap import wire
from tests import certificates
from tests.delivery.imap_servers import Fake, context_of, skip_without_client
from tests.delivery.test_imap import ONE, ask, message

pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def client():
    skip_without_client()


class Raw:
    """A socket that is listened at by a function, and by no IMAP server."""

    def __init__(self, talk):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"imap://bob@127.0.0.1:{self.socket.getsockname()[1]}/"
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._serve, args=(talk,), daemon=True)
        self.thread.start()

    def _serve(self, talk):
        try:
            while True:
                connection, _ = self.socket.accept()
                with connection:
                    talk(connection, self.is_over)
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()


def failed(url, **words):
    """Ask, and return why the server could not be read."""
    report, opened = ask(url, **({"timeout": 0.2} | words))
    assert str(report.answer.outcome) == "unknown"
    ((name, why),) = opened.unavailable
    assert name == url
    assert "\n" not in why
    assert len(why) < 400
    return why


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert "refused" in failed(f"imap://bob@127.0.0.1:{port}/")


def test_a_server_that_says_nothing():
    with Raw(lambda _, is_over: is_over.wait()) as server:
        assert "in time" in failed(server.url)


def test_a_server_that_says_nothing_where_tls_is_expected():
    with Raw(lambda _, is_over: is_over.wait()) as server:
        assert "in time" in failed(server.url.replace("imap:", "imaps:"))


def test_a_server_that_drips():
    """Each octet comes in time, and the line never ends."""

    def drip(connection, is_over):
        while not is_over.wait(0.02):
            connection.sendall(b"*")

    with Raw(drip) as server:
        assert "in time" in failed(server.url)


@pytest.mark.parametrize(
    "verb", ["CAPABILITY", "AUTHENTICATE", "LIST", "EXAMINE", "UID SEARCH", "UID FETCH .*HEADER", "UID FETCH .*BODY.PEEK\\[\\]"]
)  # fmt: skip
@pytest.mark.parametrize("then", ["silence", "the end", "garbage"])
def test_a_session_that_breaks_off(verb, then):
    over = threading.Event()

    def silent(_):
        over.wait()

    answer = {"silence": silent, "the end": None, "garbage": b"\xff\x00\x1b[31m )(\r\n"}[then]
    with Fake({"INBOX": [message()]}, {verb: answer}) as server:
        assert failed(server.url)
        over.set()


def forever(connection, line):
    try:
        while True:
            connection.sendall(line * 100)
    except OSError:
        pass


def test_a_line_without_an_end(monkeypatch):
    monkeypatch.setattr(wire, "MAX_ANSWER", 1 << 20)
    with Raw(lambda connection, _: forever(connection, b"* OK " + b"x" * 1000)) as server:
        assert "too large" in failed(server.url, timeout=30.0)


def test_lines_without_an_end():
    def lines(session):
        forever(session.connection, b'* LIST () "/" "INBOX"\r\n')

    with Fake(answers={"LIST": lines}) as server:
        assert "too large" in failed(server.url, timeout=30.0)


def test_a_session_without_an_end(monkeypatch):
    monkeypatch.setattr(wire, "MAX_SESSION", 1000)
    with Fake({"INBOX": [message(f"<{number}@sender.example>") for number in range(10)]}) as server:
        assert "in one session" in failed(server.url, timeout=30.0)


def test_a_session_that_takes_too_long(monkeypatch):
    monkeypatch.setattr(wire, "MAX_SECONDS", 0.3)

    def slowly(session):
        time.sleep(0.2)
        return session._answer(session.fake.commands[-1])

    with Fake({"INBOX": [], "A": [], "B": []}, {"EXAMINE": slowly}) as server:
        assert "in time" in failed(server.url, timeout=30.0)


@pytest.mark.parametrize("size", [b"9999999999", b"1" * 5000, b"67108865"])
@pytest.mark.parametrize("verb", ["LIST", "UID FETCH .*HEADER", "UID FETCH .*BODY.PEEK\\[\\]"])
def test_a_literal_that_is_too_large_is_not_waited_for(verb, size):
    announced = b'* LIST () "/" {' if verb == "LIST" else b"* 1 FETCH (UID 100 BODY[] {"
    with Fake({"INBOX": [message()]}, {verb: announced + size + b"}\r\n"}) as server:
        report, opened = ask(server.url, timeout=30.0)
    assert str(report.answer.outcome) in ("unknown", "delivered")
    assert opened.unavailable or report.coverage[0].notes or report.messages[0].sha256 is None
    assert "in time" not in str(opened.unavailable)


@pytest.mark.parametrize(
    ("verb", "lines"),
    [
        ("LIST", b"* LIST\r\n"),
        ("LIST", b"* LIST NIL NIL NIL\r\n"),
        ("LIST", b'* LIST 1 2 3\r\n* LIST (\\Junk "/" x\r\n'),
        ("LIST", b'* LIST () "/" "&&&-&AP"\r\n'),
        ("LIST", b"* LIST " + b"(" * 5000 + b"\r\n"),
        ("EXAMINE", b"* OK [UIDVALIDITY -1] x\r\n* 99999999999999999999999 EXISTS\r\n"),
        ("EXAMINE", b"* x EXISTS\r\n"),
        ("UID SEARCH", b"* SEARCH 0 -1 x 4294967296 99999999999999999999\r\n"),
        ("UID SEARCH", b"* SEARCH\r\n* SEARCH 1\r\n* SEARCH 2\r\n"),
        ("UID SEARCH", b"* SEARCH " + b"1" * 5000 + b"\r\n"),
        ("UID FETCH", b"* 1 FETCH\r\n"),
        ("UID FETCH", b"* 1 FETCH ()\r\n* 2 FETCH (UID)\r\n"),
        ("UID FETCH", b"* 1 FETCH (UID x FLAGS 1)\r\n"),
        ("UID FETCH", b"* 1 FETCH (UID 100 BODY[HEADER]<0> NIL FLAGS NIL)\r\n"),
        ("UID FETCH", b'* 1 FETCH (UID 100 INTERNALDATE "no date" FLAGS (1 (2)) BODY[HEADER]<0> "")\r\n'),
        ("UID FETCH", b"* 1 FETCH (UID 100 " + b"(" * 5000 + b"\r\n"),
        ("UID FETCH", b'* 1 FETCH (UID 100 BODY[] "x" BODY[HEADER] "Message-ID: <one@sender.example>")\r\n'),
    ],
)
def test_what_is_no_answer(verb, lines):
    with Fake({"INBOX": [message()]}, {verb: lines + b"TAG OK done\r\n"}) as server:
        report, _ = ask(server.url)
    assert str(report.answer.outcome) in ("unknown", "delivered")


TOKENS = (
    b"* ", b"TAG ", b"+ ", b"OK ", b"NO ", b"BAD ", b"BYE ", b"LIST ", b"SEARCH ", b"1 FETCH ", b"2 EXISTS ", b"(", b")",
    b'"', b"\\", b"{3}\r\nabc", b"{0}\r\n", b"{", b"}", b"UID 100 ", b"FLAGS ", b"INTERNALDATE ", b"BODY[] ", b"BODY[HEADER]<0> ",
    b"RFC822.SIZE ", b"NIL ", b"1", b"[UIDVALIDITY 7] ", b"[", b"]", b"&APY-", b"\xff", b"\x00", b"\r\n", b"\r\n", b"\r\n* ",
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    verb=st.sampled_from(["CAPABILITY", "AUTHENTICATE", "LIST", "EXAMINE", "UID SEARCH", "UID FETCH"]),
    tokens=st.lists(st.sampled_from(TOKENS), max_size=30),
    ends=st.booleans(),
)
def test_any_answer(verb, tokens, ends):
    """Whatever a server says, what comes of it is an answer, and a reason where it could not be read."""
    said = b"* " + b"".join(tokens) + b"\r\nTAG OK done\r\n"
    with Fake(
        {"INBOX": [message()]}, {verb: said if ends else lambda session: session.wfile.write(said) and None}
    ) as server:
        report, opened = ask(server.url, timeout=0.2)
    assert str(report.answer.outcome) in ("unknown", "delivered")
    assert all("\n" not in why for _, why in opened.unavailable)


def test_a_message_that_is_longer_than_it_says():
    def longer(session):
        answer = session._answer(session.fake.commands[-1])
        return answer.replace(b"RFC822.SIZE", b"RFC822.SIZE 1 X")

    with Fake({"INBOX": [message()]}, {"UID FETCH .*HEADER": longer}) as server:
        report, _ = ask(server.url)
    assert report.messages[0].message_id == ONE


def test_folders_without_an_end(monkeypatch):
    monkeypatch.setattr(imap, "MAX_FOLDERS", 3)
    with Fake({f"F{number}": [] for number in range(9)}) as server:
        report, _ = ask(server.url)
    assert sum(command.startswith("EXAMINE") for command in server.commands) == 3
    assert "more than 3 folders" in report.coverage[0].notes[0]


@pytest.fixture(name="keys", scope="module")
def make_keys(tmp_path_factory):
    return certificates.write(tmp_path_factory.mktemp("ca"), "imap.test")


@pytest.fixture(name="far")
def make_far(monkeypatch):
    """Let this machine be another one, to which nothing may be said in clear."""
    monkeypatch.setattr("mailtrace.sources.imap.client.is_loopback", lambda _: False)


def authorised(keys):
    return {"authorities": str(keys / "ca.pem"), "timeout": 30.0}


@pytest.mark.usefixtures("far")
class TestStartTLS:
    def test_no_password_goes_out_before_tls(self, keys):
        with Fake({"INBOX": [message()]}, context=context_of(keys)) as server:
            report, _ = ask(server.url, **authorised(keys))
        assert str(report.answer.outcome) == "delivered"
        assert server.commands.index("STARTTLS") < server.commands.index("AUTHENTICATE PLAIN")

    def test_a_server_without_it_is_told_nothing(self, keys):
        with Fake({"INBOX": [message()]}) as server:
            assert "STARTTLS" in failed(server.url, **authorised(keys))
        assert server.verbs() == {"CAPABILITY"}

    def test_nor_one_that_refuses_it(self, keys):
        with Fake({"INBOX": [message()]}, {"STARTTLS": b"TAG NO later\r\n"}, context=context_of(keys)) as server:
            failed(server.url, **authorised(keys))
        assert server.verbs() == {"CAPABILITY", "STARTTLS"}

    def test_nor_one_that_knows_us_already(self, keys):
        greeting = b"* PREAUTH welcome\r\n"
        with Fake({"INBOX": [message()]}, greeting=greeting, context=context_of(keys)) as server:
            assert "STARTTLS" in failed(server.url, **authorised(keys))
        assert server.verbs() == {"CAPABILITY"}

    def test_nor_one_of_another_authority(self, keys):
        with Fake({"INBOX": [message()]}, context=context_of(keys)) as server:
            words = {"authorities": str(keys / "other.pem"), "timeout": 30.0}
            assert "certificate is not valid" in failed(server.url, **words)
        assert "AUTHENTICATE PLAIN" not in server.commands

    def test_what_came_before_tls_is_not_taken_for_what_comes_after(self, keys):
        injected = b"TAG OK go on\r\n* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n"
        with Fake({"INBOX": [message()]}, {"STARTTLS": injected}, context=context_of(keys)) as server:
            assert "in clear before TLS" in failed(server.url, **authorised(keys))
        assert "AUTHENTICATE PLAIN" not in server.commands


def test_a_localhost_that_is_another_machine(monkeypatch):
    class Elsewhere(socket.socket):
        def getpeername(self):
            return "192.0.2.1", 143

    def create_connection(*arguments):
        with socket.create_connection(*arguments) as one:
            return Elsewhere(one.family, one.type, one.proto, one.detach())

    monkeypatch.setattr(wire, "socket", SimpleNamespace(create_connection=create_connection))
    with Fake({"INBOX": [message()]}) as server:
        assert "not this machine" in failed(server.url.replace("127.0.0.1", "localhost"), timeout=30.0)
    assert server.commands == []


def test_an_authority_that_is_none(tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate")
    for name in ("ca.pem", "missing.pem"):
        assert "cannot be read" in failed("imaps://bob@127.0.0.1:9/", authorities=str(tmp_path / name))
