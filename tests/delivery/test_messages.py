"""A question that several messages answer: each has a fate of its own, and none passes for another."""

from tests.delivery.build import ask, copy, idle, line, maildir, received, saved, tried, write

BOB = "bob@corp.example"
FULL = "552 5.2.2 Mailbox full"
RCPT = "; from=<ann@sender.example> to=<bob@corp.example> proto=ESMTP helo=<out>"


def question(folder, **more):
    return ask(folder, sender="ann@sender.example", to=BOB, around="2026-10-20 10:00", **more)


def refused(at, said):
    return line(at, f"postfix/smtpd[100]: NOQUEUE: reject: RCPT from out.sender.example[192.0.2.7]: {said}{RCPT}")


def two(at=3600):
    """Return the lines of two messages: the first is delivered, the second bounced."""
    return [
        *received("4QpZ1x2Yz9Kc", "<one@sender.example>"),
        saved("4QpZ1x2Yz9Kc", BOB),
        *received("4QpZ1x2Yz9Kd", "<two@sender.example>", at=at),
        tried("4QpZ1x2Yz9Kd", BOB, "bounced", FULL, dsn="5.2.2", at=at + 1),
    ]


def test_the_worst_of_several_and_what_the_others_fared(tmp_path):
    write(tmp_path, mail_log=[*idle(), *two()])
    report = question(tmp_path)
    [one] = report.recipients
    assert (one.outcome, one.message_id) == ("bounced", "<two@sender.example>")
    assert "This is of one of 2 messages that match; the others: 1 delivered." in one.explanation
    assert "<one@sender.example> and <two@sender.example>" in report.answer.next_steps[0]


def test_one_that_is_named_is_the_only_one(tmp_path):
    write(tmp_path, mail_log=[*idle(), *two()])
    [one] = ask(tmp_path, message_id="<one@sender.example>").recipients
    assert (one.outcome, one.message_id) == ("delivered", "<one@sender.example>")
    assert "messages that match" not in one.explanation


def test_a_first_try_is_no_message_of_its_own(tmp_path):
    """Two messages follow, so that it is not known which of them was refused at first: neither is called refused."""
    grey = refused(-60, "450 4.2.0 <bob@corp.example>: Recipient address rejected: Greylisted")
    others = [*received("4QpZ1x2Yz9Ke", "<three@sender.example>", at=60), saved("4QpZ1x2Yz9Ke", BOB, at=61)]
    first = [*received("4QpZ1x2Yz9Kc", "<one@sender.example>"), saved("4QpZ1x2Yz9Kc", BOB)]
    write(tmp_path, mail_log=[*idle(), grey, *first, *others])
    [one] = question(tmp_path).recipients
    assert one.outcome == "delivered"
    assert "one of 2 messages that match; the others: 1 delivered" in one.explanation


def test_a_refusal_for_good_is_one(tmp_path):
    """Another message got through hours before: what was refused was not that."""
    no = refused(7200, "554 5.7.1 <bob@corp.example>: Recipient address rejected: Access denied")
    write(tmp_path, mail_log=[*idle(), *two()[:-3], no])
    [one] = question(tmp_path).recipients
    assert one.outcome == "rejected"
    assert "the others: 1 delivered" in one.explanation


def test_a_copy_that_no_log_knows(tmp_path):
    (tmp_path / "log").mkdir()
    write(tmp_path / "log", mail_log=[*idle(), *two()])
    maildir(tmp_path, content=copy(message_id="<old@sender.example>"))
    [one] = question(tmp_path).recipients
    assert one.outcome == "bounced"
    assert "one of 3 messages that match; the others: 2 delivered" in one.explanation
