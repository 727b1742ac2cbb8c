"""Real servers, one behind the other: two Postfix and a Dovecot, and what find joins out of their logs and mailboxes."""

import pytest

from tests.delivery.servers.asking import ask, events, fate, outcomes
from tests.delivery.servers.beyond import Beyond
from tests.delivery.servers.common import need
from tests.delivery.servers.dovecot import DOVECOT, IMAP, LMTP, SIEVE_PLUGIN
from tests.delivery.servers.pair import Pair
from tests.delivery.servers.postfix import POSTFIX

pytestmark = pytest.mark.server


@pytest.fixture(name="pair", scope="module")
def start_pair():
    need(POSTFIX, DOVECOT, IMAP, LMTP, SIEVE_PLUGIN)
    with Pair() as pair:
        yield pair


def test_through_two_servers(pair):
    """The reply of the second names its queue id, that of LMTP the session in which Dovecot names the folder."""
    pair.out.send("<way@sender.example>", "bob@corp.example")
    pair.boxes.until_found("bob/Maildir/new", "way@sender.example")
    pair.out.until_tried("<way@sender.example>", "bob@corp.example")
    pair.mx.until_tried("<way@sender.example>", "bob@corp.example")
    report = ask((*pair.logs, pair.mail), "<way@sender.example>")
    assert outcomes(report) == {"bob@corp.example": "delivered"}
    assert (fate(report).folder, fate(report).evidence_class) == ("INBOX", "A")
    (first,), (second,) = events(report, "relayed"), events(report, "delivered", host="mx")
    assert first.next_queue_id == second.queue_id == pair.mx.queue_id("<way@sender.example>")
    (stored,) = (one for one in events(report, "delivered") if one.folder == "INBOX")
    assert stored.queue_id == second.next_queue_id
    assert {one.joined_by for one in report.events} <= {"message-id", "queue-id"}
    # Within one second as well, what came first is told first.
    assert [one.host for one in events(report, "accepted")] == ["out", "mx"]


def test_through_two_servers_by_one_log_only(pair):
    pair.out.send("<half@sender.example>", "eve@corp.example")
    pair.boxes.until_found("eve/Maildir/new", "half@sender.example")
    for server in (pair.out, pair.mx):
        server.until_tried("<half@sender.example>", "eve@corp.example")
    report = ask(pair.logs[:1], "<half@sender.example>")
    assert outcomes(report) == {"eve@corp.example": "handed-over"}
    assert any(pair.mx.queue_id("<half@sender.example>") in step for step in report.answer.next_steps)
    # Postfix alone knows no folder, Dovecot alone no server; each knows that it arrived.
    for log, folder in ((pair.logs[1], None), (pair.logs[2], "INBOX")):
        report = ask((log,), "<half@sender.example>")
        assert outcomes(report) == {"eve@corp.example": "delivered"}
        assert fate(report).folder == folder
    report = ask((pair.mail,), "<half@sender.example>")
    assert outcomes(report) == {"eve@corp.example": "delivered"}


def test_the_second_log_is_of_another_time(pair, tmp_path):
    """A log that does not reach to the time neither finds nor denies."""
    pair.out.send("<gap@sender.example>", "eve@corp.example")
    pair.out.until_tried("<gap@sender.example>", "eve@corp.example")
    before = tmp_path / "mail.log"
    lines = pair.mx.log().splitlines(keepends=True)
    before.write_text("".join(lines[:4]))
    assert "gap@sender.example" not in before.read_text()
    report = ask((before,), "<gap@sender.example>", to=("eve@corp.example",))
    assert outcomes(report) == {"eve@corp.example": "unknown"}
    report = ask((pair.logs[0], before), "<gap@sender.example>")
    assert outcomes(report) == {"eve@corp.example": "handed-over"}


def test_greylisted_then_delivered(pair):
    pair.out.send("<grey@sender.example>", "grey@corp.example")
    pair.mx.until("reject: RCPT", "Greylisted", "to=<grey@corp.example>")
    pair.boxes.until_found("grey/Maildir/new", "grey@sender.example")
    for server in (pair.out, pair.mx):
        server.until_tried("<grey@sender.example>", "grey@corp.example")
    sent = {"sender": "ann@sender.example", "to": ("grey@corp.example",)}
    for sources, host in ((pair.logs, "out"), (pair.logs[:1], "out"), (pair.logs[1:2], "mx")):
        one = fate(ask(sources, **sent))
        assert one.outcome == ("handed-over" if sources == pair.logs[:1] else "delivered")
        assert [(wait.host, wait.why, wait.seconds >= 1) for wait in one.waits] == [(host, "greylisted", True)]
    (asked,) = events(ask(pair.logs[:1], **sent), "greylisted")
    assert (asked.status, asked.of_client, asked.queue_id) == (
        "4.7.1",
        False,
        pair.out.queue_id("<grey@sender.example>"),
    )
    (asked,) = events(ask(pair.logs[1:2], **sent), "greylisted")
    # The one that was refused had no queue id: it is joined by sender, recipient and time.
    assert (asked.status, asked.of_client, asked.joined_by) == ("4.7.1", True, "envelope")


def test_refused_for_now_by_the_server_asked(pair):
    """Who tries again is the other side: what the server itself has in its queue it would try itself."""
    pair.out.send("<slow@sender.example>", "slow@corp.example")
    pair.out.until_tried("<slow@sender.example>", "slow@corp.example", "deferred")
    theirs, ours = (fate(ask((log,), sender="ann@sender.example", to=("slow@corp.example",))) for log in pair.logs[:2])
    assert theirs.outcome == ours.outcome == "deferred"
    assert "the server goes on trying" in theirs.explanation
    assert "mx refused it for now" in ours.explanation
    assert "goes on trying" not in ours.explanation
    assert "asked to try again later" in theirs.explanation
    for one in (theirs, ours):
        assert "no such address" not in one.explanation


def test_deferred_then_delivered(pair):
    pair.out.send("<later@sender.example>", "zoe@later.example")
    pair.out.until_tried("<later@sender.example>", "zoe@later.example", "deferred")
    waiting = fate(ask(pair.logs[:1], "<later@sender.example>"))
    assert waiting.outcome == "deferred"
    assert "could not be reached" in waiting.explanation
    pair.later.stop()
    later = Beyond(pair.later.port)
    try:
        pair.out.until_tried("<later@sender.example>", "zoe@later.example")
    finally:
        later.stop()
    taken = fate(ask(pair.logs[:1], "<later@sender.example>"))
    assert taken.outcome == "handed-over"
    assert [(wait.host, wait.why, wait.seconds >= 1) for wait in taken.waits] == [("out", "deferred", True)]


def test_under_tls_and_in_clear_side_by_side(pair):
    domains = ("corp.example", "trusted.example", "verified.example", "clear.example")
    pair.out.send("<tls@sender.example>", *(f"bob@{domain}" for domain in domains))
    for domain in domains:
        pair.out.until_tried("<tls@sender.example>", f"bob@{domain}")
    report = ask(pair.logs[:2], "<tls@sender.example>")
    sent = {one.recipient.partition("@")[2]: one for one in events(report, "relayed")}
    for domain, trust in zip(domains[:3], ("untrusted", "trusted", "verified"), strict=True):
        tls = sent[domain].tls
        assert (tls.version, tls.cipher, tls.bits) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384", 256)
        assert sent[domain].server_trust == trust
    assert sent["clear.example"].tls is None
    # The other side's log tells the same of each.
    taken = {one.queue_id: one.tls for one in events(report, "accepted", host="mx")}
    for one in sent.values():
        assert (taken[one.next_queue_id] is None) == (one.tls is None)


def test_fates_of_their_own_across_two_servers(pair):
    people = {
        "dan@corp.example": "filtered",
        "info@corp.example": "filtered",
        "nobody@corp.example": "bounced",
        "slow@corp.example": "deferred",
        "zoe@parked.example": "deferred",
    }
    pair.out.send("<fates@sender.example>", *people, subject="cheap watches")
    pair.out.until_tried("<fates@sender.example>", "slow@corp.example", "deferred")
    pair.out.until_told("<fates@sender.example>")
    pair.mx.until_tried("<fates@sender.example>", "zoe@parked.example", "deferred")
    for user in ("dan", "eve"):
        pair.mx.until_tried("<fates@sender.example>", f"{user}@corp.example")
        pair.boxes.until_found(f"{user}/Maildir/.Junk/new", "fates@sender.example")
    report = ask((*pair.logs, pair.mail), "<fates@sender.example>")
    assert outcomes(report) == people
    assert report.answer.outcome == "bounced"
    assert "no such address" in fate(report, "nobody@corp.example").explanation
    assert "A bounce went out to the sender" in fate(report, "nobody@corp.example").explanation
    # The one server handed it over and the other has it: what is said is of where it waits.
    assert fate(report, "zoe@parked.example").source.name == str(pair.mx.log_path)
    # Several recipients of one transfer: no copy says whose it is. One that was refused has none of them.
    for who in ("nobody@corp.example", "slow@corp.example", "dan@corp.example"):
        report = ask((*pair.logs, pair.mail), "<fates@sender.example>", to=(who,))
        assert outcomes(report) == {who: people[who]}
    owners = {f"{one.address}: {one.folder}" for one in ask((pair.mail,), "<fates@sender.example>").recipients}
    assert owners == {"dan@corp.example: Junk", f"the owner of {pair.mail}/eve/Maildir: Junk"}
    # By the second server's log alone nobody was told: it never took it.
    report = ask(pair.logs[1:2], "<fates@sender.example>")
    assert fate(report, "nobody@corp.example").outcome == "rejected"


def test_two_messages_alike_are_told_apart(pair):
    for number in (1, 2):
        pair.out.send(f"<twin{number}@sender.example>", "dan@corp.example", subject="invoice for two")
        pair.boxes.until_found("dan/Maildir/.Bills.2026/new", f"twin{number}@sender.example")
        pair.mx.until_tried(f"<twin{number}@sender.example>", "dan@corp.example")
    for number in (1, 2):
        report = ask((*pair.logs, pair.mail), f"<twin{number}@sender.example>")
        ids = {one.message_id for one in report.events if one.message_id}
        assert ids == {f"<twin{number}@sender.example>"}
        assert outcomes(report) == {"dan@corp.example": "delivered"}
        assert fate(report).folder == "Bills.2026"


def test_handed_over_and_not_in_the_log_of_the_next(pair, tmp_path):
    """The lines are real but for the name of the second server, which has none on loopback, and for what is left out."""
    for message_id in ("<other@sender.example>", "<lost@sender.example>"):
        pair.out.send(message_id, "eve@corp.example")
        for server in (pair.out, pair.mx):
            server.until_tried(message_id, "eve@corp.example")
    first, second = tmp_path / "out.log", tmp_path / "mx.log"
    first.write_text(pair.out.log().replace("127.0.0.1[127.0.0.1]", "mx.corp.example[192.0.2.25]"))
    second.write_text(pair.mx.log())
    assert outcomes(ask((first, second), "<lost@sender.example>")) == {"eve@corp.example": "delivered"}
    queue_id = pair.mx.queue_id("<lost@sender.example>")
    second.write_text("".join(line for line in pair.mx.log().splitlines(keepends=True) if queue_id not in line))
    report = ask((first, second), "<lost@sender.example>")
    assert outcomes(report) == {"eve@corp.example": "sent-not-seen"}
    assert "out handed it over to mx.corp.example" in fate(report).explanation
