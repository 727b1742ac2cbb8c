"""A real Exim, with a Postfix behind it: what they wrote, and what find makes of it."""

import contextlib
import smtplib

import pytest

from tests.delivery.servers.asking import ask, events, fate, outcomes
from tests.delivery.servers.beyond import Beyond
from tests.delivery.servers.certificates import certify
from tests.delivery.servers.common import Closed, need
from tests.delivery.servers.exim import Exim, exim
from tests.delivery.servers.postfix import POSTFIX, Postfix

pytestmark = pytest.mark.server

# Postfix delivers into Maildirs itself here: virtual(8).
BEHIND = """\
virtual_mailbox_domains = branch.example clear.example verified.example
virtual_mailbox_maps = texthash:{base}/etc/boxes
virtual_mailbox_base = {base}/mail
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_recipient_restrictions = reject_unlisted_recipient, permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_chain_files = {base}/etc/server.pem
smtpd_tls_loglevel = 1
"""
DOMAINS = ("branch.example", "clear.example", "verified.example")


@pytest.fixture(name="mail", scope="module")
def start_exim():
    binary = exim()
    with contextlib.ExitStack() as running:
        beyond = Beyond()
        running.callback(beyond.stop)
        gone = Closed()
        running.callback(gone.stop)
        routes = {"other_example": beyond.port, "sender_example": beyond.port, "gone_example": gone.port}
        server = Exim("mail.corp.example", binary, **routes)
        running.callback(server.stop)
        certify(server.etc, "mail.corp.example")
        yield server.start()


@pytest.fixture(name="way", scope="module")
def start_both():
    binary = exim()
    need(POSTFIX)
    with contextlib.ExitStack() as running:
        boxes = [f"zoe@{domain} zoe/Maildir/" for domain in DOMAINS]
        behind = Postfix("mx.branch.example", main=BEHIND, boxes=boxes)
        running.callback(behind.stop)
        behind.boxes("zoe")
        certify(behind.etc, "mx.branch.example")
        behind.start()
        port = behind.port
        front = Exim("mail.corp.example", binary, branch_example=port, clear_example=port, verified_example=port)
        running.callback(front.stop)
        certify(front.etc, "mail.corp.example")
        (front.etc / "ca.pem").write_bytes((behind.etc / "ca.pem").read_bytes())
        yield front.start(), behind


def test_delivered_to_a_maildir(mail):
    mail.send("<e1@sender.example>", "bob@corp.example")
    mail.until_tried("<e1@sender.example>", "=> bob <bob@corp.example>")
    for sources, folder in (
        ((mail.log_path, mail.base / "mail"), "INBOX"),
        ((mail.log_path,), None),
        ((mail.base / "mail",), "INBOX"),
    ):
        report = ask(sources, "<e1@sender.example>")
        assert outcomes(report) == {"bob@corp.example": "delivered"}
        assert fate(report).folder == folder
    (taken,) = events(ask((mail.log_path,), "<e1@sender.example>"), "accepted")
    assert (taken.sender, taken.queue_id) == ("ann@sender.example", mail.queue_id("<e1@sender.example>"))


def test_an_alias_is_followed(mail):
    mail.send("<e2@sender.example>", "info@corp.example")
    mail.until_tried("<e2@sender.example>", "=> bob <info@corp.example>")
    report = ask((mail.log_path,), "<e2@sender.example>")
    assert outcomes(report) == {"info@corp.example": "delivered"}


def test_the_log_does_not_know_of_the_junk_folder(mail):
    mail.send("<e3@sender.example>", "bob@corp.example", subject="cheap watches")
    mail.until_tried("<e3@sender.example>", "=> bob")
    assert outcomes(ask((mail.log_path,), "<e3@sender.example>")) == {"bob@corp.example": "delivered"}
    report = ask((mail.log_path, mail.base / "mail"), "<e3@sender.example>")
    assert outcomes(report) == {"bob@corp.example": "filtered"}
    assert fate(report).folder == "Junk"


@pytest.mark.parametrize(
    ("user", "mark", "outcome", "kind"),
    [
        ("nobody", "rejected RCPT <nobody@", "rejected", "rejected"),
        ("slow", "temporarily rejected RCPT <slow@", "deferred", "deferred"),
        ("grey", "temporarily rejected RCPT <grey@", "deferred", "greylisted"),
    ],
)
def test_refused_at_rcpt(mail, user, mark, outcome, kind):
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        mail.send("<e4@sender.example>", f"{user}@corp.example")
    mail.until(mark)
    question = {"sender": "ann@sender.example", "to": (f"{user}@corp.example",)}
    for log in (mail.log_path, mail.rejectlog):
        report = ask((log,), **question)
        assert outcomes(report) == {f"{user}@corp.example": outcome}
        assert {(one.kind, one.of_client) for one in report.events} == {(kind, True)}
        assert "goes on trying" not in fate(report).explanation
    assert outcomes(ask((mail.log_path, mail.rejectlog), **question)) == {f"{user}@corp.example": outcome}


def test_handed_over_bounced_and_deferred(mail):
    people = {
        "joe@other.example": ("handed-over", "=> joe@"),
        "full@other.example": ("bounced", "** full@"),
        "slow@other.example": ("deferred", "== slow@"),
        "zoe@gone.example": ("deferred", "== zoe@"),
    }
    mail.send("<e5@sender.example>", *people)
    for _, mark in people.values():
        mail.until_tried("<e5@sender.example>", mark)
    queue_id = mail.queue_id("<e5@sender.example>")
    notice = mail.until(f"<= <> R={queue_id}").split()[2]
    mail.until(f"{notice} => ann@sender.example")
    report = ask((mail.log_path,), "<e5@sender.example>")
    assert outcomes(report) == {address: outcome for address, (outcome, _) in people.items()}
    assert fate(report, "joe@other.example").reply == "250 2.0.0 Ok: queued as 7EF01C2D3E"
    assert "mailbox is full" in fate(report, "full@other.example").explanation
    assert "A bounce went out to the sender" in fate(report, "full@other.example").explanation
    assert fate(report, "full@other.example").status == "5.2.2"
    assert "asked to try" in fate(report, "slow@other.example").explanation
    assert "could not be reached" in fate(report, "zoe@gone.example").explanation


def test_on_to_postfix(way):
    """The queue id in Exim's `C=` is that of Postfix's lines."""
    front, behind = way
    people = [f"zoe@{domain}" for domain in DOMAINS]
    front.send("<e6@sender.example>", *people)
    for one in people:
        front.until_tried("<e6@sender.example>", f"=> {one}")
        behind.until("postfix/virtual", f"to=<{one}>", "status=sent")
    report = ask((front.log_path, behind.log_path), "<e6@sender.example>")
    assert outcomes(report) == dict.fromkeys(people, "delivered")
    sent = {one.recipient: one for one in events(report, "relayed")}
    taken = {one.recipient: one for one in events(report, "delivered")}
    for one in people:
        assert sent[one].next_queue_id == taken[one].queue_id
    assert [one.host for one in events(report, "accepted")] == [None, "mx", "mx", "mx"]
    by_one = ask((front.log_path,), "<e6@sender.example>")
    assert outcomes(by_one) == dict.fromkeys(people, "handed-over")
    assert any(taken["zoe@branch.example"].queue_id in step for step in by_one.answer.next_steps)
    by_the_other = ask((behind.log_path,), "<e6@sender.example>")
    assert outcomes(by_the_other) == dict.fromkeys(people, "delivered")


def test_under_tls_and_in_clear(way):
    front, behind = way
    people = [f"zoe@{domain}" for domain in DOMAINS]
    front.send("<e7@sender.example>", *people)
    for one in people:
        front.until_tried("<e7@sender.example>", f"=> {one}")
        behind.until("postfix/virtual", f"to=<{one}>", "status=sent")
    report = ask((front.log_path, behind.log_path), "<e7@sender.example>")
    branch, clear, verified = (events(report, "relayed", recipient=who)[0] for who in people)
    for one, trust in ((branch, "untrusted"), (verified, "trusted")):
        assert (one.tls.version, one.tls.bits, one.encrypted) == ("TLSv1.3", 256, True)
        assert one.tls.cipher_iana == "TLS_AES_256_GCM_SHA384"
        assert one.server_trust == trust
    # Without `X=` one line cannot tell: log_selector may lack tls_cipher.
    assert (clear.tls, clear.encrypted) == (None, None)
    # Postfix, on the other side, knows the same of each.
    taken = {one.queue_id: one.tls for one in events(report, "accepted", host="mx")}
    for one in (branch, clear, verified):
        there = taken[one.next_queue_id]
        assert (there and there.cipher_iana) == (one.tls and one.tls.cipher_iana)
