"""Real servers: what Postfix and Dovecot wrote of messages that were sent through them, and what find makes of it."""

import smtplib
from datetime import UTC, datetime

import pytest

from tests.delivery.servers.asking import ask, fate, outcomes
from tests.delivery.servers.beyond import Beyond
from tests.delivery.servers.common import need
from tests.delivery.servers.dovecot import LDA, SIEVE_PLUGIN, Dovecot
from tests.delivery.servers.postfix import POSTFIX, Postfix

pytestmark = pytest.mark.server

MAIN = """\
virtual_mailbox_domains = corp.example
virtual_mailbox_maps = texthash:{base}/etc/boxes
virtual_transport = dovecot
dovecot_destination_recipient_limit = 1
relay_domains = other.example sender.example
transport_maps = texthash:{base}/etc/transport
smtpd_recipient_restrictions = reject_unlisted_recipient, permit_mynetworks, reject
"""


class Servers:
    """A Postfix that delivers into Dovecot's mailboxes, and the server beyond it."""

    def __init__(self):
        self.beyond = Beyond()
        self.boxes = Dovecot("mx.corp.example", "bob", "eve")
        hop = f"smtp:[127.0.0.1]:{self.beyond.port}"
        self.mx = Postfix(
            "mx.corp.example",
            main=MAIN,
            master=self.boxes.lda(),
            boxes=("bob@corp.example x", "eve@corp.example x"),
            transport=(f"other.example {hop}", f"sender.example {hop}"),
        ).start()
        self.sources = (self.mx.log_path, self.boxes.base / "mail")

    def stop(self):
        for server in (self.mx, self.boxes, self.beyond):
            server.stop()


@pytest.fixture(name="servers", scope="module")
def start_servers():
    need(POSTFIX, LDA, SIEVE_PLUGIN)
    servers = Servers()
    try:
        yield servers
    finally:
        servers.stop()


def test_delivered_and_in_junk(servers):
    servers.mx.send("<one@sender.example>", "bob@corp.example")
    servers.mx.send("<two@sender.example>", "bob@corp.example", subject="cheap watches")
    servers.boxes.until_found("Maildir/new", "one@sender.example")
    servers.boxes.until_found("Maildir/.Junk/new", "two@sender.example")
    report = ask(servers.sources, "<one@sender.example>")
    assert outcomes(report) == {"bob@corp.example": "delivered"}
    assert (report.recipients[0].folder, report.messages[0].message_id) == ("INBOX", "<one@sender.example>")
    assert abs((report.events[0].time - datetime.now(UTC)).total_seconds()) < 3600
    report = ask(servers.sources, "<two@sender.example>")
    assert outcomes(report) == {"bob@corp.example": "filtered"}
    assert report.recipients[0].folder == "Junk"


def test_rejected(servers):
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        servers.mx.send("<three@sender.example>", "nobody@corp.example")
    servers.mx.until("reject: RCPT", "<nobody@corp.example>")
    report = ask(servers.sources, sender="ann@sender.example", to=("nobody@corp.example",))
    assert outcomes(report) == {"nobody@corp.example": "rejected"}
    assert "no such address" in report.recipients[0].explanation


def test_several_recipients_with_fates_of_their_own(servers):
    people = ("eve@corp.example", "full@other.example", "slow@other.example", "joe@other.example")
    servers.mx.send("<four@sender.example>", *people)
    for who, word in zip(people, ("sent", "bounced", "deferred", "sent"), strict=True):
        servers.mx.until_tried("<four@sender.example>", who, word)
    servers.mx.until_told("<four@sender.example>")
    servers.boxes.until_found("eve/Maildir/new", "four@sender.example")
    report = ask(servers.sources, "<four@sender.example>")
    assert outcomes(report) == dict(zip(people, ("delivered", "bounced", "deferred", "handed-over"), strict=True))
    assert "mailbox is full" in fate(report, "full@other.example").explanation
    assert "A bounce went out to the sender" in fate(report, "full@other.example").explanation
    assert any("7EF01C2D3E" in step for step in report.answer.next_steps)
    assert report.answer.outcome == "bounced"


def test_not_there(servers):
    report = ask(servers.sources, "<five@sender.example>", to=("bob@corp.example",))
    assert outcomes(report) == {"bob@corp.example": "unknown"}


def test_the_log_alone_knows_no_folder(servers):
    """Postfix says that the delivery agent took it, and no more."""
    servers.mx.send("<six@sender.example>", "bob@corp.example")
    servers.boxes.until_found("Maildir/new", "six@sender.example")
    assert "(delivered via dovecot service)" in servers.mx.until_tried("<six@sender.example>", "bob@corp.example")
    report = ask(servers.sources[:1], "<six@sender.example>")
    assert outcomes(report) == {"bob@corp.example": "delivered"}
    assert fate(report).folder is None
    assert not report.messages


def test_the_mailbox_alone_is_enough(servers):
    servers.mx.send("<seven@sender.example>", "bob@corp.example", subject="cheap pens")
    servers.boxes.until_found("Maildir/.Junk/new", "seven@sender.example")
    report = ask(servers.sources[1:], "<seven@sender.example>")
    assert outcomes(report) == {"bob@corp.example": "filtered"}
    assert [one.kind for one in report.events] == ["mailbox-copy"]
