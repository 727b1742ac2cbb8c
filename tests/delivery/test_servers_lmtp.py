"""Postfix in front of Dovecot's LMTP: what the store says it did with a message, and what the server in front knows."""

import contextlib
import imaplib
import smtplib

import pytest

from tests.delivery.servers.asking import ask, events, fate, outcomes
from tests.delivery.servers.beyond import Beyond
from tests.delivery.servers.common import need
from tests.delivery.servers.dovecot import DOVECOT, IMAP, LMTP, PASSWORD, SIEVE_PLUGIN, Dovecot
from tests.delivery.servers.postfix import POSTFIX, Postfix

pytestmark = pytest.mark.server

MAIN = """\
virtual_mailbox_domains = corp.example plain.example
virtual_mailbox_maps = texthash:{base}/etc/boxes
transport_maps = texthash:{base}/etc/transport
relay_domains = sender.example
local_header_rewrite_clients =
"""


class Stores:
    """A Postfix, and two stores: one with Sieve behind a port, one without behind a socket."""

    def __init__(self, running):
        self.beyond = Beyond()
        running.callback(self.beyond.stop)
        boxes = [f"{user}@corp.example x" for user in ("bob", "eve", "full")]
        self.mx = Postfix("mx.corp.example", main=MAIN, boxes=[*boxes, "dan@plain.example x"])
        running.callback(self.mx.stop)
        self.rules = Dovecot("mx.corp.example", "bob", "eve", "full", submission=self.mx.port)
        running.callback(self.rules.stop)
        self.plain = Dovecot("mx.corp.example", "dan", plugins="")
        running.callback(self.plain.stop)
        self.mx.table(
            "transport",
            f"corp.example lmtp:inet:127.0.0.1:{self.rules.port}",
            f"plain.example lmtp:unix:{self.plain.base}/run/lmtp",
            f"sender.example smtp:[127.0.0.1]:{self.beyond.port}",
        )
        for server in (self.rules, self.plain, self.mx):
            server.start()
        self.logs = (self.mx.log_path, self.rules.log_path, self.plain.log_path)
        self.mail = self.rules.base / "mail"


@pytest.fixture(name="stores", scope="module")
def start_stores():
    need(POSTFIX, DOVECOT, IMAP, LMTP, SIEVE_PLUGIN)
    with contextlib.ExitStack() as running:
        yield Stores(running)


@pytest.mark.parametrize(
    ("subject", "outcome", "folder", "box"),
    [
        ("Hello", "delivered", "INBOX", "bob/Maildir/new"),
        ("invoice for May", "delivered", "Bills.2026", ".Bills.2026/new"),
        ("cheap watches", "filtered", "Junk", ".Junk/new"),
    ],
)
def test_the_folder_that_a_rule_chose(stores, subject, outcome, folder, box):
    message_id = f"<{folder}@sender.example>"
    stores.mx.send(message_id, "bob@corp.example", subject=subject)
    stores.mx.until_tried(message_id, "bob@corp.example")
    stores.rules.until_found(box, message_id)
    for sources in (stores.logs, stores.logs[1:2], (*stores.logs, stores.mail), (stores.mail,)):
        report = ask(sources, message_id)
        assert outcomes(report) == {"bob@corp.example": outcome}
        assert fate(report).folder == folder
    # Postfix knows only that LMTP took it, and under which session.
    report = ask(stores.logs[:1], message_id)
    assert outcomes(report) == {"bob@corp.example": "delivered"}
    assert fate(report).folder is None
    (handed,), (stored,) = (
        events(ask(stores.logs[:1], message_id), "delivered"),
        [one for one in ask(stores.logs[1:2], message_id).events if one.folder == folder],
    )
    assert (handed.next_queue_id, stored.joined_by) == (stored.queue_id, "message-id")


def test_without_rules(stores):
    stores.mx.send("<plain@sender.example>", "dan@plain.example")
    stores.mx.until_tried("<plain@sender.example>", "dan@plain.example")
    report = ask(stores.logs, "<plain@sender.example>")
    assert (fate(report).outcome, fate(report).folder, fate(report).reply) == (
        "delivered",
        "INBOX",
        "saved mail to INBOX",
    )


def test_discarded(stores):
    """LMTP answers that it is saved; the store says that it is not."""
    stores.mx.send("<news@sender.example>", "bob@corp.example", subject="news")
    assert "Saved" in stores.mx.until_tried("<news@sender.example>", "bob@corp.example")
    for logs in (stores.logs, stores.logs[1:2]):
        report = ask(logs, "<news@sender.example>")
        assert outcomes(report) == {"bob@corp.example": "filtered"}
        assert fate(report).folder is None
        assert "a rule discarded it" in fate(report).explanation


def test_refused_by_a_rule(stores):
    stores.mx.send("<viagra@sender.example>", "bob@corp.example", subject="viagra")
    assert "Saved" in stores.mx.until_tried("<viagra@sender.example>", "bob@corp.example")
    report = ask(stores.logs, "<viagra@sender.example>")
    assert outcomes(report) == {"bob@corp.example": "bounced"}
    assert "a rule of the mailbox refused it" in fate(report).explanation


def test_no_room(stores):
    stores.mx.send("<room@sender.example>", "full@corp.example")
    stores.mx.until_tried("<room@sender.example>", "full@corp.example", "bounced")
    stores.mx.until_told("<room@sender.example>")
    report = ask(stores.logs, "<room@sender.example>")
    assert outcomes(report) == {"full@corp.example": "bounced"}
    assert fate(report).status == "5.2.2"
    assert "the mailbox is full" in fate(report).explanation


def test_forwarded_by_a_rule(stores):
    stores.mx.send("<on@sender.example>", "bob@corp.example", subject="for eve")
    stores.rules.until("msgid=<on@sender.example>", "stored mail into mailbox 'INBOX'", "lmtp(eve@")
    report = ask(stores.logs, "<on@sender.example>", to=("bob@corp.example",))
    assert outcomes(report) == {"bob@corp.example": "delivered"}
    assert "bob@corp.example got it as eve@corp.example" in fate(report).explanation
    # Before eve's store had it, all that was known is that bob's rule sent it on.
    lines = [line for line in stores.rules.log().splitlines(keepends=True) if "lmtp(eve@" not in line]
    alone = stores.rules.base / "log" / "bob.log"
    alone.write_text("".join(lines))
    report = ask((alone,), "<on@sender.example>", to=("bob@corp.example",))
    assert outcomes(report) == {"bob@corp.example": "handed-over"}
    assert "A rule of bob@corp.example forwarded it to eve@corp.example" in fate(report).explanation


def test_the_same_message_twice(stores):
    """The second is thrown away by a rule for duplicates: what was asked for is there all the same."""
    for sent in range(2):
        stores.mx.send("<twice@sender.example>", "bob@corp.example", subject="once")
        stores.rules.until("msgid=<twice@sender.example>", ("stored mail", "discard action")[sent])
    stores.mx.until("status=sent", stores.rules.until("<twice@sender.example>", "discard").split("<")[2].split(">")[0])
    report = ask((*stores.logs, stores.mail), "<twice@sender.example>")
    assert outcomes(report) == {"bob@corp.example": "delivered"}
    assert fate(report).folder == "INBOX"
    assert len(report.messages) == 1
    assert len({one.queue_id for one in events(report, "accepted")}) == 2


def test_both_copies_of_a_message_that_was_sent_twice(stores):
    for number in (1, 2):
        stores.mx.send("<both@sender.example>", "eve@corp.example")
        stores.rules.until_times(number, "msgid=<both@sender.example>: stored mail into mailbox 'INBOX'")
    report = ask((*stores.logs, stores.mail), "<both@sender.example>")
    assert outcomes(report) == {"eve@corp.example": "delivered"}
    assert len(report.messages) == 2


def test_without_a_message_id_the_session_joins(stores):
    text = "From: liz@sender.example\r\nTo: eve@corp.example\r\nSubject: cheap\r\n\r\nHello.\r\n"
    with smtplib.SMTP("127.0.0.1", stores.mx.port, timeout=60) as client:
        client.sendmail("liz@sender.example", ["eve@corp.example"], text)
    stores.rules.until("msgid=unspecified", "stored mail into mailbox 'Junk'")
    queue_id = stores.mx.until("from=<liz@sender.example>").split(": ")[1]
    stores.mx.until(f"{queue_id}: to=<eve@corp.example>", "status=sent")
    report = ask(stores.logs, sender="liz@sender.example", to=("eve@corp.example",))
    assert outcomes(report) == {"eve@corp.example": "filtered"}
    assert fate(report).folder == "Junk"
    assert {one.joined_by for one in report.events} == {"queue-id"}


def test_what_the_reader_did_with_it(stores):
    stores.mx.send("<gone@sender.example>", "dan@plain.example")
    stores.plain.until("msgid=<gone@sender.example>", "saved mail to INBOX")
    with imaplib.IMAP4("127.0.0.1", stores.plain.imap_port, timeout=60) as client:
        client.login("dan@plain.example", PASSWORD)
        client.create("Trash")
        client.select("INBOX")
        _, (found,) = client.uid("SEARCH", "HEADER", "MESSAGE-ID", "gone@sender.example")
        client.uid("MOVE", found.decode(), "Trash")
        client.select("Trash")
        client.store("1", "+FLAGS", "\\Deleted")
        client.expunge()
    stores.plain.until("expunge: box=Trash", "msgid=<gone@sender.example>")
    stores.mx.until_tried("<gone@sender.example>", "dan@plain.example")
    report = ask(stores.logs, "<gone@sender.example>")
    assert outcomes(report) == {"dan@plain.example": "delivered"}
    assert "Then it was copied from INBOX into Trash, removed from INBOX, marked as deleted in Trash" in (
        fate(report).explanation
    )
    assert fate(report).explanation.endswith("and removed from Trash.")
