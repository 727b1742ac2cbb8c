"""The answer per recipient, out of small logs and mailboxes."""

from datetime import timedelta

import pytest

from tests.delivery.build import ask, copy, idle, line, maildir, received, saved, tried, write

ID = "<abc@sender.example>"
BOB = "bob@corp.example"


def outcome(report):
    assert report.answer.outcome == min(
        (one.outcome for one in report.recipients),
        key=list(type(report.answer.outcome)).index,
        default=report.answer.outcome,
    )
    return str(report.answer.outcome)


def test_delivered_by_the_log(tmp_path):
    write(tmp_path, mail_log=[*idle(), *received("4QpZ1x2Yz9Kc"), saved("4QpZ1x2Yz9Kc", BOB)])
    report = ask(tmp_path / "mail.log", message_id="abc@sender.example")
    [one] = report.recipients
    assert (outcome(report), one.address, one.evidence_class, one.source.line) == ("delivered", BOB, "A", 41)
    assert [event.kind for event in report.events] == ["accepted", "queued", "queued", "delivered"]
    assert {event.joined_by for event in report.events} == {"message-id", "queue-id"}


def test_delivered_by_the_mailbox(tmp_path):
    write(tmp_path, mail_log=[*idle(), *received("4QpZ1x2Yz9Kc"), saved("4QpZ1x2Yz9Kc", BOB)])
    report = ask(tmp_path / "mail.log", maildir(tmp_path), message_id=ID)
    [one] = report.recipients
    assert (outcome(report), one.folder) == ("delivered", "INBOX")
    assert "marked as seen" in one.explanation
    assert "mailtrace analyze" in report.answer.next_steps[0]
    [found] = report.messages
    assert (found.message_id, found.folder, found.flags, found.is_sender_copy) == (ID, "INBOX", "S", False)


def test_in_junk(tmp_path):
    report = ask(maildir(tmp_path, box=".Junk"), message_id=ID)
    assert (outcome(report), report.recipients[0].folder) == ("filtered", "Junk")


def test_moved_by_its_owner_out_of_junk(tmp_path):
    maildir(tmp_path, box=".Junk")
    assert outcome(ask(maildir(tmp_path, name="2.M2.mx:2,"), message_id=ID)) == "delivered"


def test_the_copy_of_the_sender_proves_nothing(tmp_path):
    own = copy().partition("From: ")
    base = maildir(tmp_path, box=".Sent", content="From: " + own[2])
    report = ask(base, message_id=ID, to=BOB)
    assert outcome(report) == "unknown"
    assert [one.is_sender_copy for one in report.messages] == [True]


def test_rejected(tmp_path):
    refused = line(
        5,
        "postfix/smtpd[100]: NOQUEUE: reject: RCPT from out.sender.example[192.0.2.7]: 550 5.1.1 <bib@corp.example>: Recipient "
        "address rejected: User unknown in local recipient table; from=<ann@sender.example> to=<bib@corp.example> proto=ESMTP "
        "helo=<out.sender.example>",
    )
    write(tmp_path, mail_log=[*idle(), refused])
    report = ask(
        tmp_path / "mail.log",
        sender="ann@sender.example",
        to="bib@corp.example",
        around="2026-10-20 10:00",
        window=timedelta(hours=1),
    )
    assert outcome(report) == "rejected"
    assert "no such address" in report.recipients[0].explanation
    assert [event.joined_by for event in report.events] == ["envelope"]


def test_bounced(tmp_path):
    reply = "host mx.corp.example[192.0.2.25] said: 552 5.2.2 <bob@corp.example>: Mailbox full (in reply to RCPT TO command)"
    write(
        tmp_path,
        mail_log=[*idle(), *received("4QpZ1x2Yz9Kc"), tried("4QpZ1x2Yz9Kc", BOB, "bounced", reply, dsn="5.2.2")],
    )
    report = ask(tmp_path / "mail.log", message_id=ID)
    assert outcome(report) == "bounced"
    assert "mailbox is full" in report.recipients[0].explanation
    assert "make room" in report.answer.next_steps[0]


def test_deferred_then_delivered(tmp_path):
    later = tried(
        "4QpZ1x2Yz9Kc", BOB, "deferred", "connect to mx.corp.example[192.0.2.25]:25: Connection timed out", dsn="4.4.1"
    )
    log = [*idle(), *received("4QpZ1x2Yz9Kc"), later]
    write(tmp_path, mail_log=log)
    assert outcome(ask(tmp_path / "mail.log", message_id=ID)) == "deferred"
    write(tmp_path, mail_log=[*log, saved("4QpZ1x2Yz9Kc", BOB, at=900)])
    assert outcome(ask(tmp_path / "mail.log", message_id=ID)) == "delivered"


def handed_over(queue_id="4QpZ1x2Yz9Kc", host="out", next_id="7EF01C2D3E"):
    sent = tried(
        queue_id,
        BOB,
        "sent",
        f"250 2.0.0 Ok: queued as {next_id}",
        dsn="2.0.0",
        host=host,
        relay="mx.corp.example[192.0.2.25]:25",
    )
    return [*idle(host), *received(queue_id, host=host), sent]


def test_handed_over(tmp_path):
    write(tmp_path, out_log=handed_over())
    report = ask(tmp_path / "out.log", message_id=ID)
    assert outcome(report) == "handed-over"
    assert report.answer.next_steps == (
        "Ask the administrators of mx.corp.example for queue id 7EF01C2D3E at Tue 20 Oct 2026 10:00:01 UTC.",
    )


def test_through_two_servers(tmp_path):
    there = [
        line(2, "postfix/smtpd[7]: 7EF01C2D3E: client=out.sender.example[192.0.2.7]", "mx"),
        saved("7EF01C2D3E", BOB, at=3),
    ]
    write(tmp_path, out_log=handed_over(), mx_log=[*idle(), *there])
    report = ask(tmp_path / "mx.log", tmp_path / "out.log", message_id=ID)
    assert outcome(report) == "delivered"
    assert {event.host for event in report.events} == {"out", "mx"}


def test_sent_and_not_seen(tmp_path):
    write(tmp_path, out_log=handed_over(), mx_log=[*idle(), saved("4QOther1zz", "eve@corp.example", at=60)])
    report = ask(tmp_path / "mx.log", tmp_path / "out.log", message_id=ID)
    assert outcome(report) == "sent-not-seen"
    assert (
        "the log of mx (taken for the same), which covers the time, does not have it"
        in report.recipients[0].explanation
    )


def test_a_server_of_the_same_first_name_need_not_be_the_next(tmp_path):
    """One's own `mx`, which hands mail for the partner on as `out` does, says nothing of mx.corp.example."""
    onward = line(
        60, "postfix/smtp[9]: 4QOther1zz: to=<eve@corp.example>, relay=mx2.corp.example[192.0.2.26]:25, dsn=2.0.0,"
        " status=sent (250 2.0.0 Ok: queued as 8AF01C2D3E)", "mx",
    )  # fmt: skip
    write(tmp_path, out_log=handed_over(), mx_log=[*idle(), onward])
    logs = tmp_path / "mx.log", tmp_path / "out.log"
    report = ask(*logs, message_id=ID)
    assert outcome(report) == "handed-over"
    assert "nothing shows that mx is mx.corp.example" in report.recipients[0].explanation
    assert report.answer.next_steps[-1] == "If the log of mx is that of mx.corp.example, give it with --other-side."
    told = ask(tmp_path / "out.log", message_id=ID, theirs=(str(tmp_path / "mx.log"),))
    assert outcome(told) == "sent-not-seen"


def test_never_seen_only_where_the_log_covers_the_time(tmp_path):
    write(tmp_path, mail_log=idle())
    near = {"message_id": ID, "to": BOB, "window": timedelta(hours=1)}
    assert outcome(ask(tmp_path / "mail.log", around="2026-10-20 10:00", **near)) == "never-seen"
    late = ask(tmp_path / "mail.log", around="2026-10-21 10:00", **near)
    assert outcome(late) == "unknown"
    assert "ends already" in late.recipients[0].explanation
    assert "four weeks" in late.answer.next_steps[0]
    assert outcome(ask(tmp_path / "mail.log", message_id=ID, to=BOB)) == "unknown"


def test_a_gap_is_a_doubt(tmp_path):
    quiet = [one for one in idle() if not "09:00" <= one[11:16] <= "12:00"]
    busy = [line(at, "postfix/qmgr[9]: 4QIdlezz: removed") for at in range(-21600, -3600, 30)]
    write(tmp_path, mail_log=[*quiet, *busy])
    report = ask(tmp_path / "mail.log", message_id=ID, to=BOB, around="2026-10-20 10:00", window=timedelta(hours=1))
    assert outcome(report) == "unknown"
    assert "silent from" in report.recipients[0].explanation
    assert len(report.coverage[0].gaps) == 1


def test_a_short_queue_id_that_was_used_again(tmp_path):
    other = [
        *received("ABCDE12345", "<other@sender.example>", at=-3600),
        saved("ABCDE12345", "eve@corp.example", at=-3599),
    ]
    write(tmp_path, mail_log=[*idle(), *other, *received("ABCDE12345"), saved("ABCDE12345", BOB)])
    assert [one.address for one in ask(tmp_path / "mail.log", message_id=ID).recipients] == [BOB]


def test_an_alias(tmp_path):
    write(tmp_path, mail_log=[*idle(), *received("4QpZ1x2Yz9Kc"), saved("4QpZ1x2Yz9Kc", BOB, orig="info@corp.example")])
    assert [one.address for one in ask(tmp_path / "mail.log", message_id=ID).recipients] == ["info@corp.example"]
    assert outcome(ask(tmp_path / "mail.log", message_id=ID, to="info@corp.example")) == "delivered"
    assert outcome(ask(tmp_path / "mail.log", message_id=ID, to=BOB)) == "delivered"


@pytest.mark.parametrize("where", ["mail.log", "Maildir"])
def test_by_envelope(tmp_path, where):
    write(tmp_path, mail_log=[*idle(), *received("4QpZ1x2Yz9Kc"), saved("4QpZ1x2Yz9Kc", BOB)])
    maildir(tmp_path)
    report = ask(tmp_path / where, sender="Ann@Sender.example", to="BOB@corp.example", around="2026-10-20 10:00")
    assert outcome(report) == "delivered"
    elsewhere = ask(tmp_path / where, sender="ann@sender.example", to=BOB, around="2026-10-10 10:00")
    assert outcome(elsewhere) == "unknown"
