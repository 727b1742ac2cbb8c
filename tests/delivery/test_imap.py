"""Mailboxes on servers, as a server of a few messages gives them: what is found, and what is done to the server."""

from datetime import UTC, datetime

import pytest

from mailtrace.delivery.find import Settings, find
from mailtrace.delivery.logs.formats import FORMATS
from mailtrace.delivery.query import Query, at_time
from mailtrace.render.text.find import render
from mailtrace.sources.imap.access import Access
from tests.delivery.build import NOW, START, idle, write
from tests.delivery.imap_servers import DONE, Fake, skip_without_client

pytestmark = pytest.mark.server

BOB = "bob@corp.example"
ONE = "<one@sender.example>"


@pytest.fixture(autouse=True)
def client():
    skip_without_client()


def message(message_id=ONE, *, received=True, to=BOB, subject="Invoice", extra="", body="Hello."):
    trace = (
        f"Return-Path: <ann@sender.example>\r\nDelivered-To: {to}\r\n"
        f"Received: from a by b for <{to}>; Tue, 20 Oct 2026 10:00:01 +0000\r\n"
    )
    return (
        f"{trace if received else ''}From: ann@sender.example\r\nTo: {to}\r\nSubject: {subject}\r\n"
        f"Message-ID: {message_id}\r\nDate: Tue, 20 Oct 2026 10:00:00 +0000\r\n{extra}\r\n{body}\r\n"
    ).encode()


BOUNCE = b"""\
Return-Path: <>\r
From: MAILER-DAEMON@corp.example\r
To: ann@sender.example\r
Subject: Undelivered Mail Returned to Sender\r
Date: Tue, 20 Oct 2026 10:05:00 +0000\r
Message-ID: <bounce@corp.example>\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary=b\r
\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.corp.example\r
\r
Final-Recipient: rfc822; bob@corp.example\r
Action: failed\r
Status: 5.2.2\r
Diagnostic-Code: smtp; 552 5.2.2 Mailbox full\r
\r
--b\r
Content-Type: text/rfc822-headers\r
\r
Message-ID: <one@sender.example>\r
\r
--b--\r
"""


def ask(*urls, message_id=ONE, to=(BOB,), sender=(), around=None, sources=(), say=lambda _: "secret", **access):
    query = at_time(
        Query(message_ids=(message_id,) if message_id else (), recipients=to, senders=sender, around=around),
        START - START.replace(hour=9),
    )
    access = Access(password=say, **({"timeout": 30.0} | access))
    settings = Settings(zone=UTC, zone_name="UTC", log_zone=UTC, now=NOW, access=access)
    return find([*map(str, sources), *urls], query, formats=FORMATS, settings=settings)


def answer(*urls, **words):
    return ask(*urls, **words)[0]


@pytest.mark.parametrize(
    ("folder", "attributes", "outcome"),
    [
        ("INBOX", "", "delivered"),
        ("Ablage/2026/Gr&APwA3w-e", "\\HasNoChildren", "delivered"),
        ("Junk", "", "filtered"),
        ("Werbung", "\\Junk", "filtered"),
        ("Weg", "\\Trash", "delivered"),
        # As the server says, whatever the name.
        ("Junk", "\\Trash", "delivered"),
    ],
)
def test_a_folder_is_for_what_the_server_says_else_for_what_its_name_says(folder, attributes, outcome):
    with Fake({folder: [message()]}, attributes={folder: attributes}) as server:
        report = answer(server.url)
    assert str(report.answer.outcome) == outcome
    assert report.recipients[0].folder == folder.replace("&APwA3w-", "üß")


def test_a_copy_says_where_it_is():
    octets = message()
    with Fake({"INBOX": [message("<other@sender.example>"), octets]}) as server:
        report = answer(server.url)
    (copy,) = report.messages
    assert (copy.kind, copy.source, copy.member, copy.position) == (
        "imap",
        server.url,
        "INBOX;UIDVALIDITY=7/;UID=101",
        101,
    )
    assert copy.url == f"{server.url}INBOX;UIDVALIDITY=7/;UID=101"
    assert copy.flags == "PS"
    assert len(copy.sha256) == 64
    assert copy.url in report.answer.next_steps[-1]
    assert "It is marked as seen" in report.recipients[0].explanation
    (part,) = report.coverage
    assert (part.kind, part.messages, part.notes) == ("imap", 2, ())
    assert report.events[0].time == datetime(2026, 10, 20, 10, 0, 1, tzinfo=UTC)


def test_flags_that_are_told_unasked_are_those_of_another_message():
    """RFC 3501 §7.4.2: `* 100 FETCH` is of the hundredth message, and not of that with the UID 100."""

    def also(session):
        unasked = b"* 100 FETCH (FLAGS (\\Flagged))\r\n"
        return unasked + session._answer(session.fake.commands[-1]).replace(DONE, unasked + DONE)

    with Fake({"INBOX": [message()]}, {"UID FETCH": also}) as server:
        report = answer(server.url)
    assert report.messages[0].flags == "PS"
    assert report.messages[0].sha256 is not None


def test_without_a_trace_the_server_says_when_it_came():
    octets = message(received=False, extra=f"Delivered-To: {BOB}\r\n")
    with Fake({"INBOX": [octets]}) as server:
        report = answer(server.url)
    assert report.events[0].time == datetime(2026, 10, 20, 10, 0, 2, tzinfo=UTC)


def test_the_mailbox_is_only_read():
    """RFC 3501 §6.4.5: BODY.PEEK sets no \\Seen; §6.3.2: EXAMINE leaves \\Recent."""
    with Fake({"INBOX": [message(), BOUNCE], "Junk": [message("<x@y.example>")]}) as server:
        answer(server.url)
    allowed = {"CAPABILITY", "AUTHENTICATE", "LIST", "EXAMINE", "UID_SEARCH", "UID_FETCH", "LOGOUT"}
    assert server.verbs() == allowed
    fetches = [command for command in server.commands if "FETCH" in command]
    assert fetches
    assert all("BODY.PEEK[" in command and "BODY[" not in command for command in fetches)


def test_only_what_is_asked_for_is_fetched_whole():
    with Fake({"INBOX": [message(f"<{number}@sender.example>") for number in range(120)] + [message()]}) as server:
        assert str(answer(server.url).answer.outcome) == "delivered"
    whole = [command for command in server.commands if "BODY.PEEK[]" in command]
    heads = [command for command in server.commands if "BODY.PEEK[HEADER]" in command]
    assert len(whole) == 1
    assert len(heads) == 3  # in batches
    assert all("<0." in command for command in heads)


def test_newsletters_are_not_fetched_for_bounces():
    letter = message("<x@y.example>", subject="News", extra="Content-Type: multipart/alternative; boundary=b\r\n")
    letter = letter.replace(b"From: ann@", b"From: no-reply@")
    with Fake({"INBOX": [letter, BOUNCE, letter]}) as server:
        assert str(answer(server.url).answer.outcome) == "bounced"
    whole = [command.split(" ")[2] for command in server.commands if "BODY.PEEK[]" in command]
    assert whole == ["101"]


def test_what_a_bounce_says_is_read():
    with Fake({"INBOX": [BOUNCE, message("<x@y.example>")]}) as server:
        report = answer(server.url)
    assert str(report.answer.outcome) == "bounced"
    assert report.recipients[0].source.name == f"{server.url}INBOX;UIDVALIDITY=7/;UID=100"


def test_by_sender_and_time():
    with Fake({"INBOX": [message("<x@y.example>", to="eve@corp.example"), message()]}) as server:
        report = answer(server.url, message_id=None, sender=("ann@sender.example",), around=START)
        late = answer(server.url, message_id=None, sender=("ann@sender.example",), around=START.replace(month=11))
    assert [one.message_id for one in report.messages] == [ONE]
    assert late.messages == ()


def test_what_the_owner_sent_is_no_proof_of_delivery_also_where_all_mail_is_in_one_folder():
    sent = message(received=True)
    folders = {"[Gmail]/All Mail": [sent], "[Gmail]/Sent Mail": [sent], "[Gmail]/Starred": [sent]}
    attributes = {"[Gmail]/All Mail": "\\All", "[Gmail]/Sent Mail": "\\Sent", "[Gmail]/Starred": "\\Flagged"}
    with Fake(folders, attributes=attributes) as server:
        report = answer(server.url)
    assert str(report.answer.outcome) == "unknown"
    assert [(one.folder, one.is_sender_copy) for one in report.messages] == [
        ("[Gmail]/All Mail", True),
        ("[Gmail]/Sent Mail", True),
    ]


def test_only_the_folder_that_is_named():
    with Fake({"INBOX": [message()], "Archive": [message()]}) as server:
        report = answer(f"{server.url}Archive")
        missing, opened = ask(f"{server.url}Nowhere")
    assert [one.folder for one in report.messages] == ["Archive"]
    assert str(missing.answer.outcome) == "unknown"
    assert [(name, is_missing) for name, _, is_missing in opened.faults] == [(f"{server.url}Nowhere: Nowhere", True)]


def test_only_the_message_that_is_named():
    with Fake({"INBOX": [message(), message()]}) as server:
        assert [one.position for one in answer(f"{server.url}INBOX;UID=101").messages] == [101]
        made_anew = answer(f"{server.url}INBOX;UIDVALIDITY=6/;UID=101")
    assert made_anew.messages == ()
    assert "made anew" in made_anew.coverage[0].notes[0]


def test_a_server_that_cannot_search_is_read():
    answers = {r"UID SEARCH (?!ALL)": b"TAG BAD I cannot\r\n"}
    with Fake({"INBOX": [message("<x@y.example>"), message()]}, answers) as server:
        assert str(answer(server.url).answer.outcome) == "delivered"


def test_a_message_that_is_too_large_is_found_all_the_same():
    large = {
        r"UID FETCH .*HEADER": lambda session: session._answer(session.fake.commands[-1]).replace(
            b"RFC822.SIZE 4", b"RFC822.SIZE 9999999994"
        )
    }
    with Fake({"INBOX": [message(body="x" * (400 - len(message(body=""))))]}, large) as server:
        report = answer(server.url)
    assert str(report.answer.outcome) == "delivered"
    assert report.messages[0].sha256 is None
    assert not any("BODY.PEEK[]" in command for command in server.commands)


@pytest.fixture(name="log")
def make_log(tmp_path):
    """A log that covers the time, and has nothing of the message."""
    write(tmp_path, mail_log=idle())
    return tmp_path / "mail.log"


def test_where_the_mailbox_could_not_be_read_nothing_is_said_never_to_have_been_seen(log):
    with Fake() as server:
        assert str(answer(server.url, sources=[log], around=START).answer.outcome) == "never-seen"
    report, opened = ask(server.url, sources=[log], around=START, timeout=1.0)
    assert str(report.answer.outcome) == "unknown"
    assert "could not be read" in report.answer.summary
    assert [name for name, _ in opened.unavailable] == [server.url]


def test_a_folder_that_cannot_be_opened_is_a_doubt_as_well(log):
    folders = {"INBOX": [], "Shared/Secret": [message()], "Old": []}
    answers = {r"EXAMINE .*Secret": b"TAG NO [NOPERM] not \x1b[31myours\r\n"}
    with Fake(folders, answers) as server:
        report, opened = ask(server.url, sources=[log], around=START)
        found = answer(server.url.rstrip("/"), sources=[log], around=START, message_id="<q@sender.example>")
    assert str(report.answer.outcome) == str(found.answer.outcome) == "unknown"
    (part,) = (one for one in report.coverage if one.kind == "imap")
    assert part.notes[0].startswith("folder Shared/Secret: ")
    assert "\x1b" not in part.notes[0]
    assert opened.unavailable == []
    assert {command for command in server.commands if command.startswith("EXAMINE")} == {'EXAMINE "INBOX"', 'EXAMINE "Shared/Secret"', 'EXAMINE "Old"'}  # fmt: skip


def test_a_folder_that_holds_no_messages_is_passed_over():
    with Fake({"INBOX": [message()], "Group": []}, attributes={"Group": "\\Noselect"}) as server:
        report = answer(server.url)
    assert report.coverage[0].notes == ()
    assert 'EXAMINE "Group"' not in server.commands


def test_a_message_that_is_gone_in_between_is_said():
    with Fake({"INBOX": [message("<x@y.example>")]}, {r"UID SEARCH": b"* SEARCH 100 999\r\nTAG OK done\r\n"}) as server:
        report = answer(server.url)
    assert "1 of its messages were not given" in report.coverage[0].notes[0]


def test_a_refused_login_repeats_nothing_that_the_server_says():
    answers = {
        "AUTHENTICATE": lambda session: (
            session.wfile.write(b"+ \r\n"),
            b"TAG NO you said " + session.rfile.readline(),
        )[1]
    }
    with Fake({"INBOX": [message()]}, answers) as server:
        _, opened = ask(server.url)
    assert opened.unavailable == [(server.url, "the login of bob was refused")]


def test_a_session_that_ends_at_the_login_is_no_refusal():
    def repeat(session):
        session.wfile.write(b"+ \r\n")
        session.wfile.write(b"* BYE you said " + session.rfile.readline())

    with Fake({"INBOX": [message()]}, {"AUTHENTICATE": repeat}) as server:
        _, opened = ask(server.url)
    assert opened.unavailable == [(server.url, "the login of bob broke off")]


@pytest.mark.parametrize(
    ("able", "password", "why"),
    [
        (b"IMAP4rev1", "secret", None),
        (b"IMAP4rev1", "geheim\xdf", "the server takes passwords in ASCII only"),
        (b"IMAP4rev1 LOGINDISABLED", "secret", "the server takes no password in clear: try imaps://"),
    ],
)
def test_a_server_that_knows_login_only(able, password, why):
    with Fake({"INBOX": [message()]}, {"CAPABILITY": b"* CAPABILITY " + able + b"\r\nTAG OK done\r\n"}) as server:
        _, opened = ask(server.url.replace("bob@", "bob%20x%22%5c@"), say=lambda _: password)
    assert [words for _, words in opened.unavailable] == ([] if why is None else [why])
    logins = [command for command in server.commands if command.startswith("LOGIN ")]
    assert logins == ([r'LOGIN "bob x\"\\" "secret"'] if why is None else [])


def test_without_a_password_nothing_is_said_to_the_server():
    with Fake() as server:
        _, opened = ask(server.url, say=lambda _: None)
    assert "MAILTRACE_IMAP_PASSWORD" in opened.unavailable[0][1]
    assert server.verbs() <= {"CAPABILITY", "LOGOUT"}


def test_without_access_nobody_is_asked():
    settings = Settings(zone=UTC, zone_name="UTC", log_zone=UTC, now=NOW)
    with Fake() as server:
        _, opened = find([server.url], Query(message_ids=(ONE,)), formats=FORMATS, settings=settings)
    assert len(opened.unavailable) == 1
    assert server.commands == []


def test_names_with_control_characters_reach_no_terminal_and_no_command():
    hostile = "\x1b]0;owned\x07\x1b[31mred\u202e"
    with Fake({hostile: [message()], "a\r\nX LOGOUT": [message()], "INBOX": [message()]}) as server:
        report = answer(server.url)
    text = render(report, width=80, encoding="utf-8", color=False, trace=True)
    assert not any(char in text for char in "\x1b\x07\u202e")
    assert "LOGOUT" not in {command for command in server.commands if command != "LOGOUT"}
    assert any("cannot be sent back" in note for note in report.coverage[0].notes)
    assert [one.folder for one in report.messages] == ["INBOX"]


def test_a_bounce_that_is_signed_is_fetched_to_its_end():
    """What is read of a bounce ends early; a signature covers all of it."""
    signed = b"DKIM-Signature: v=1; d=corp.example; s=a; b=x\r\n" + BOUNCE + b"x" * 3_000_000
    asked = []

    def seal_of(report):
        asked.append(report.kept.octets)
        return report.seal

    settings = Settings(
        zone=UTC, zone_name="UTC", log_zone=UTC, now=NOW, access=Access(password=lambda _: "x"), seal_of=seal_of
    )
    with Fake({"INBOX": [signed]}) as server:
        find([server.url], Query(message_ids=(ONE,), recipients=(BOB,)), formats=FORMATS, settings=settings)
    assert asked == [signed]


def test_an_envelope_id_alone_names_no_message():
    query = Query(envelope_ids=("QQ314",))
    settings = Settings(zone=UTC, zone_name="UTC", log_zone=UTC, now=NOW, access=Access(password=lambda _: "x"))
    with Fake({"INBOX": [message(), message("<x@y.example>")]}) as server:
        report, _ = find([server.url], query, formats=FORMATS, settings=settings)
    assert (str(report.answer.outcome), report.messages) == ("unknown", ())
