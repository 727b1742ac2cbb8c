"""Waiting and refusals for now: whose they are, what they cost, and in which order things are told."""

import pytest

from mailtrace.delivery.reasons import Reason, in_words, reason_of
from tests.delivery.build import ask, idle, line, received, saved, tried, write

BOB = "bob@corp.example"
ID = "<abc@sender.example>"
GREY = "host mx.corp.example[192.0.2.25] said: 450 4.2.0 <bob@corp.example>: Recipient address rejected: Greylisted"
DOWN = "connect to mx.corp.example[192.0.2.25]:25: Connection refused"
SENT = "250 2.0.0 Ok: queued as 7EF01C2D3E"
RCPT = "; from=<ann@sender.example> to=<bob@corp.example> proto=ESMTP helo=<out>"


def refused_by_mx(at, said):
    return line(at, f"postfix/smtpd[100]: NOQUEUE: reject: RCPT from out.sender.example[192.0.2.7]: {said}{RCPT}")


def waits(report):
    return [(wait.host, wait.why, wait.seconds) for wait in report.recipients[0].waits]


@pytest.mark.parametrize(("said", "dsn", "why"), [(GREY, "4.2.0", "greylisted"), (DOWN, "4.4.1", "deferred")])
def test_what_tries_that_failed_cost(tmp_path, said, dsn, why):
    """Postfix counts what passes between two tries to the time before the queue: the wait is told once."""
    failed = tried("4QpZ1x2Yz9Kc", BOB, "deferred", said, dsn=dsn, at=1, host="out")
    sent = tried("4QpZ1x2Yz9Kc", BOB, "sent", SENT, dsn="2.0.0", at=901, host="out")
    sent = sent.replace("delays=0.2/0/0.1/0.5", "delays=900/0/0.1/0.5")
    write(tmp_path, out_log=[*idle("out"), *received("4QpZ1x2Yz9Kc", host="out"), failed, sent])
    assert waits(ask(tmp_path / "out.log", message_id=ID)) == [("out", why, 900)]


def test_a_wait_that_both_sides_log_is_told_once(tmp_path):
    failed = tried("4QpZ1x2Yz9Kc", BOB, "deferred", GREY, dsn="4.2.0", at=1, host="out")
    sent = tried("4QpZ1x2Yz9Kc", BOB, "sent", SENT, dsn="2.0.0", at=901, host="out")
    there = refused_by_mx(1, "450 4.2.0 <bob@corp.example>: Recipient address rejected: Greylisted")
    taken = [*received("7EF01C2D3E", at=901), saved("7EF01C2D3E", BOB, at=902)]
    write(
        tmp_path,
        out_log=[*idle("out"), *received("4QpZ1x2Yz9Kc", host="out"), failed, sent],
        mx_log=[*idle(), there, *taken],
    )
    question = {"sender": "ann@sender.example", "to": BOB, "around": "2026-10-20 10:00"}
    both = ask(tmp_path / "out.log", tmp_path / "mx.log", **question)
    assert waits(both) == [("out", "greylisted", 900)]
    [(host, why, seconds)] = waits(ask(tmp_path / "mx.log", **question))
    assert (host, why, round(seconds)) == ("mx", "greylisted", 900)


def test_who_tries_again(tmp_path):
    """A server that refuses for now has nothing in its queue to try again."""
    write(
        tmp_path, mx_log=[*idle(), refused_by_mx(1, "451 4.3.0 <bob@corp.example>: Recipient address rejected: Busy")]
    )
    report = ask(tmp_path / "mx.log", sender="ann@sender.example", to=BOB, around="2026-10-20 10:00")
    assert report.recipients[0].outcome == "deferred"
    assert "mx refused it for now" in report.recipients[0].explanation
    assert "the sending server is to come again" in report.recipients[0].explanation
    assert report.events[0].of_client


def test_the_order_of_one_second(tmp_path):
    """Two logs with whole seconds: what came first on the way is told first, whatever the logs are called."""
    sent = tried("4QpZ1x2Yz9Kc", BOB, "sent", SENT, dsn="2.0.0", at=0, host="out")
    waits_there = tried("7EF01C2D3E", BOB, "deferred", DOWN, dsn="4.4.1", at=0)
    write(
        tmp_path,
        z_log="".join([*received("4QpZ1x2Yz9Kc", host="out"), sent]),
        a_log="".join([*received("7EF01C2D3E"), waits_there]),
    )
    report = ask(tmp_path / "z.log", tmp_path / "a.log", message_id=ID)
    told = [(one.host, one.kind) for one in report.events if one.kind != "queued"]
    assert told == [("out", "accepted"), ("out", "relayed"), ("mx", "accepted"), ("mx", "deferred")]
    assert report.recipients[0].outcome == "deferred"
    assert report.recipients[0].source.name.endswith("a.log")


@pytest.mark.parametrize(
    ("status", "reply", "reason"),
    [
        ("4.3.0", "451 4.3.0 <bob@corp.example>: Recipient address rejected: Try again later", Reason.LATER),
        ("5.1.1", "550 5.1.1 <x@corp.example>: Recipient address rejected: User unknown in table", Reason.UNKNOWN_USER),
        ("5.7.1", "554 5.7.1 <bob@corp.example>: Recipient address rejected: Access denied", Reason.REFUSED),
        ("4.7.5", "Server certificate not verified", Reason.NO_TLS),
        ("4.7.4", "TLS is required, but was not offered by host mx.corp.example[192.0.2.25]", Reason.NO_TLS),
        ("4.7.5", "Cannot start TLS: handshake failure", Reason.NO_TLS),
    ],
)
def test_reasons(status, reply, reason):
    assert reason_of(status, reply) is reason
    assert "until time was up" not in in_words(status, reply)


def test_why_it_waits_the_last_real_try_said(tmp_path):
    """Exim does not try a server again that failed a short while ago, and logs that as a try."""
    said = "SMTP error from remote mail server after RCPT TO:<bob@corp.example>: 451 4.3.0 Try again later"
    queue_id = "1vAbCd-000000004Ef-2GhI"
    lines = [
        f"2026-10-20 10:00:00 {queue_id} <= ann@sender.example H=x [192.0.2.7] P=esmtp S=9 id=abc@sender.example",
        f"2026-10-20 10:00:01 {queue_id} == bob@corp.example R=dns T=smtp defer (-44) H=mx [192.0.2.25]: {said}",
        f"2026-10-20 10:30:01 {queue_id} == bob@corp.example R=dns T=smtp defer (-54): retry time not reached",
    ]
    write(tmp_path, mainlog="".join(f"{one}\n" for one in lines))
    [one] = ask(tmp_path / "mainlog", message_id=ID).recipients
    assert one.outcome == "deferred"
    assert "the other server asked to try again later" in one.explanation
    write(tmp_path, mainlog="".join(f"{one}\n" for one in (lines[0], lines[2])))
    [one] = ask(tmp_path / "mainlog", message_id=ID).recipients
    assert "it is not yet time for the next try" in one.explanation
