"""What a bounce, a receipt or an automatic answer seems to say, and does not."""

import pytest

from tests.delivery.build import ask, idle, received, saved, tried, write

ID = "<abc@sender.example>"
OTHER = "<second@sender.example>"
BOB = "bob@corp.example"
EVE = "eve@corp.example"
HEAD = """\
Return-Path: <>
Received: from x by y; Tue, 20 Oct 2026 11:00:00 +0000
From: {author}
To: ann@sender.example
Date: Tue, 20 Oct 2026 11:00:00 +0000
Subject: {subject}
{more}"""
DAEMON = "MAILER-DAEMON@mx.corp.example"
RETURNED = f"""\
Content-Type: text/rfc822-headers

From: ann@sender.example
To: {BOB}
Message-ID: {ID}
"""


def asked(folder, text, *lines, to=BOB):
    write(folder, report_eml=text, mail_log=idle() + list(lines))
    return ask(folder / "report.eml", folder / "mail.log", message_id=ID, to=to, around="2026-10-20 10:00")


def fates(report):
    return {one.address: str(one.outcome) for one in report.recipients}


def parts(kind, subtype, fields, returned=RETURNED, more=""):
    head = HEAD.format(author=DAEMON, subject="Report", more=more)
    return (
        f"{head}Content-Type: multipart/report; report-type={kind}; boundary=b\n\n--b\n\nx\n--b\n"
        f"Content-Type: message/{subtype}\n\n{fields}\n--b\n{returned}\n--b--\n"
    )


def dsn(fields, **more):
    return parts("delivery-status", "delivery-status", f"Reporting-MTA: dns; mx.corp.example\n\n{fields}", **more)


def failed(**more):
    return dsn(f"Final-Recipient: rfc822; {BOB}\nAction: failed\nStatus: 5.1.1\n", **more)


def receipt(disposition):
    fields = (
        f"Final-Recipient: rfc822;{BOB}\nOriginal-Message-ID: {ID}\n"
        f"Disposition: automatic-action/MDN-sent-automatically; {disposition}\n"
    )
    return parts("disposition-notification", "disposition-notification", fields)


@pytest.mark.parametrize("disposition", ["failed", "failed/failure: unsupported", "processed/error", "dispatched"])
def test_a_receipt_that_failed_is_no_bounce(tmp_path, disposition):
    report = asked(tmp_path, receipt(disposition))
    assert fates(report) == {BOB: "delivered"}
    assert "did not get it" not in report.answer.summary


def test_who_deleted_it_is_not_said_to_have_it(tmp_path):
    assert asked(tmp_path, receipt("deleted")).answer.summary.startswith(f"{BOB} got it, says a receipt")


def test_expanded_is_not_relayed(tmp_path):
    report = asked(tmp_path, dsn(f"Final-Recipient: rfc822; {BOB}\nAction: expanded\nStatus: 2.0.0\n"))
    assert fates(report) == {BOB: "handed-over"}
    assert f"sent on to the several addresses that {BOB} stands for" in report.answer.summary
    assert "makes no such reports" not in report.answer.summary


NOTHING = "Content-Type: text/plain\n\nnothing came back\n"
HANDED = tried("4QpZ1", BOB, "sent", "250 2.0.0 Ok: queued as 77AABB", dsn="2.0.0")


@pytest.mark.parametrize(
    ("named", "outcome"),
    [
        (f"References: {ID} {OTHER}\n", "handed-over"),
        (f"References: {OTHER} {ID}\n", "bounced"),
        (f"In-Reply-To: {OTHER}\nReferences: {OTHER} {ID}\n", "handed-over"),
    ],
)
def test_a_bounce_of_an_answer_is_not_of_what_was_answered(tmp_path, named, outcome):
    """Exim names, and answers, with all References of the message that it returns (RFC 5322 §3.6.4)."""
    text = failed(returned=NOTHING, more=named)
    assert fates(asked(tmp_path, text, *received("4QpZ1"), HANDED)) == {BOB: outcome}


@pytest.mark.parametrize(
    "fields",
    [
        "Action: failed\nFinal-Recipient: rfc822; {eve}\nAction: delivered\nFinal-Recipient: rfc822; {bob}\n",
        "Final-Recipient: rfc822; {eve}\nAction: failed\nFinal-Recipient: rfc822; {bob}\nAction: delivered\n",
        (
            "Final-Recipient: rfc822; x@in.example\nOriginal-Recipient: rfc822; {eve}\nAction: failed\n"
            "Original-Recipient: rfc822; {bob}\nFinal-Recipient: rfc822; y@in.example\nAction: delivered\n"
        ),
        (
            "Action: failed\nFinal-Recipient: rfc822; x@in.example\nOriginal-Recipient: rfc822; {eve}\n\n"
            "Action: delivered\nOriginal-Recipient: rfc822; {bob}\nFinal-Recipient: rfc822; y@in.example\n"
        ),
    ],
)
def test_each_recipient_has_the_action_that_stands_with_it(tmp_path, fields):
    report = asked(tmp_path, dsn(fields.format(eve=EVE, bob=BOB)), to=(BOB, EVE))
    assert fates(report) == {BOB: "delivered", EVE: "bounced"}


def test_an_address_of_rfc_6533_is_read(tmp_path):
    fields = "Final-Recipient: utf-8; bob@b\\x{FC}cher.example\nAction: failed\nStatus: 5.1.1\n"
    report = asked(tmp_path, dsn(fields), to="bob@b\u00fccher.example")
    assert list(fates(report).values()) == ["bounced"]
    assert report.reports[0].recipients == ("bob@b\u00fccher.example",)
    strange = "Final-Recipient: utf-8; bob\\x{D800}\\x{FFFFFF}@corp.example\nAction: failed\n"
    assert asked(tmp_path, dsn(strange)).reports[0].recipients == ("bob\\x{D800}\\x{FFFFFF}@corp.example",)


COPY = """\
--- Below this line is a copy of the message.

Return-Path: <ann@sender.example>
From: ann@sender.example
To: bob@corp.example
Date: Tue, 20 Oct 2026 09:59:58 +0000
{named}
{body}
"""


def words(text, *, author=DAEMON, subject="failure notice", more=""):
    return f"{HEAD.format(author=author, subject=subject, more=more)}\n{text}"


@pytest.mark.parametrize(
    ("named", "body", "message_id"),
    [
        (f"Message-ID: {ID}\n", "Hello", ID),
        ("", f"You wrote:\n\nMessage-ID: {ID}\nSubject: Hi\n", None),
        (f"Message-ID: {OTHER}\n", f"You wrote:\n\nMessage-ID: {ID}\n", OTHER),
    ],
)
def test_a_message_id_in_the_body_that_came_back_is_another_ones(tmp_path, named, body, message_id):
    said = "Hi. I wasn't able to deliver your message. I've given up.\n\n<bob@corp.example>:\n552 mailbox full\n\n"
    (report,) = asked(tmp_path, words(said + COPY.format(named=named, body=body))).reports
    assert report.message_id == message_id


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("Your message was delayed for 5 days and could not be delivered to:\n\n{}\n\nI am giving up.", "bounced"),
        ("Your message to\n\n{}\n\nis delayed. We will retry for 5 days, then we give up; no action now.", "deferred"),
        ("Your message has not yet been delivered to\n\n{}\n\nsince it could not be delivered at once.", "deferred"),
    ],
)
def test_what_was_delayed_and_given_up_is_returned(tmp_path, said, outcome):
    text = words(
        f"{said.format(BOB)}\n\n{COPY.format(named=f'Message-ID: {ID}', body='x')}", subject="Undelivered Mail"
    )
    assert fates(asked(tmp_path, text)) == {BOB: outcome}


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: failed payment",
        "Out of office: Undeliverable goods",
        "Re: Delivery failure",
        "Abwesenheitsnotiz: error in invoice 7",
        "=?utf-8?q?R=C3=A9ponse_automatique=C2=A0:_failed?=",
    ],
)
def test_an_automatic_answer_is_no_bounce_for_what_it_answers(tmp_path, subject):
    text = words("I am away. In urgent cases ask\n\n" + EVE, author=BOB, subject=subject, more=f"In-Reply-To: {ID}\n")
    assert asked(tmp_path, text, to=EVE).reports == ()


def test_a_bounce_of_what_arrived_is_told_and_decides_nothing(tmp_path):
    put = saved("4QpZ1", BOB)
    report = asked(tmp_path, failed(), *received("4QpZ1"), put)
    assert fates(report) == {BOB: "delivered"}
    assert "A bounce in the name of mx.corp.example says that it was returned" in report.answer.summary
    other = dsn(f"Final-Recipient: rfc822; {EVE}\nAction: failed\nStatus: 5.1.1\n")
    assert "bounce" not in asked(tmp_path, other, *received("4QpZ1"), put).answer.summary
    assert "bounce" not in asked(tmp_path, receipt("displayed"), *received("4QpZ1"), put).answer.summary


ZEDS = RETURNED.replace("ann@sender.example", "zed@else.example").replace(ID, "<zed1@else.example>")


@pytest.mark.parametrize(
    ("to", "returned", "outcome"),
    [
        ("zed@else.example", ZEDS, "unknown"),
        ("zed@else.example", NOTHING, "unknown"),
        ("ann@sender.example", NOTHING, "bounced"),
        ("prvs=1234abcdef=ann@sender.example", NOTHING, "bounced"),
        ("postmaster@sender.example", RETURNED, "bounced"),
    ],
)
def test_a_bounce_to_somebody_else_is_not_of_what_ann_sent(tmp_path, to, returned, outcome):
    write(tmp_path, report_eml=failed(returned=returned).replace("To: ann@sender.example", f"To: {to}", 1))
    report = ask(tmp_path / "report.eml", sender="ann@sender.example", to=BOB, around="2026-10-20 10:00")
    assert fates(report) == {BOB: outcome}
