"""Bounces and receipts: the machine-readable parts exactly, the others as a person reads them."""

import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.delivery.events import Line
from mailtrace.delivery.reasons import reason_of
from mailtrace.delivery.reports import header_says_report, looks_like_a_report, read_report
from tests.delivery.build import ask

LABELS = [
    line.split("\t")
    for line in (Path(__file__).parents[1] / "corpus" / "find" / "bounces.tsv").read_text("utf-8").splitlines()
]
"""Who did not get it (`-`: it names nobody), and why, in the words of somebody who saw the messages and no parser."""
SAME = {
    "policy": "refused",
    "auth-failed": "refused",
    "none": "unstated",
    "expired": "no-answer",
}
HERE = Line(name="bounce.eml", line=None)


def read(octets):
    return read_report(io.BytesIO(octets), HERE)


@pytest.mark.suite
def test_unstructured_bounces_of_many_servers(suites):
    """Nine in ten give recipient and reason, by labels that whoever made the parser had no part in."""
    wrong = {}
    for name, recipient, reason in LABELS:
        octets = (suites / "dsn-mdn" / name).read_bytes()
        report = read(octets) if looks_like_a_report(octets) else None
        found = (
            [
                (
                    "-" if report.names_nobody and recipient == "-" else fate.recipient,
                    reason_of(fate.status, fate.diagnostic).value,
                )
                for fate in report.fates
            ]
            if report
            else []
        )
        if found != [(recipient, SAME.get(reason, reason))]:
            wrong[name] = found
    assert len(LABELS) == 33
    assert len(wrong) <= 3, wrong


BROKEN = b"""\
From: postmaster@mx.example.net
To: ann@sender.example
Subject: Delivery failed
Return-Path: <>
Content-Type: multipart/mixed; boundary=a

--a
Content-Type: multipart/alternative;
boundary=b

--b
Content-Type: text/plain

550 no such user here

RCPT TO: bob@corp.example

--b--
--a--
"""
WORDS = b"""\
From: postmaster@mx.example.net
To: ann@sender.example
Subject: %s
Return-Path: <>
Content-Type: text/plain; charset=%s

%s

"""


def test_a_bounce_whose_parts_cannot_be_told_apart():
    report = read(BROKEN)
    assert [(one.recipient, reason_of(one.status, one.diagnostic).value) for one in report.fates] == [
        ("bob@corp.example", "unknown-user")
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("bob@corp.example\nDas Postfach des Empfängers ist voll.", "mailbox-full"),
        ("bob@corp.example\nDer Benutzer wurde nicht gefunden.", "unknown-user"),
        ("bob@corp.example\nLe destinataire est inconnu.", "unknown-user"),
        ("bob@corp.example\nEl usuario no existe.", "unknown-user"),
        ("bob@corp.example\nПользователь не найден.", "unknown-user"),  # noqa: RUF001 - Russian
        ("bob@corp.example\n宛先のユーザーは存在しません。", "unknown-user"),
        ("bob@corp.example\nメールボックスがいっぱいです。", "mailbox-full"),
        ("bob@corp.example\nIt was rejected by a remote mail server.", "unstated"),
        ("bob@corp.example\nIt was rejected by content rules.", "refused"),
    ],
)
@pytest.mark.parametrize("charset", ["utf-8", "us-ascii", "x-unknown"])
def test_reasons_in_other_languages_and_whatever_charset_is_named(text, reason, charset):
    [fate] = read(WORDS % (b"Delivery failed", charset.encode(), text.encode())).fates
    assert (fate.recipient, reason_of(fate.status, fate.diagnostic).value) == ("bob@corp.example", reason)


def test_whom_a_bounce_is_about_where_it_names_nobody(tmp_path):
    back = b"Your message was refused.\n550 mailbox full\n\n--- Original message follows ---\nTo: bob@corp.example\nMessage-ID: <abc@sender.example>\n"
    octets = WORDS % (b"Delivery failed", b"utf-8", back)
    assert (read(octets).names_nobody, read(octets).fates[0].recipient) == (True, "bob@corp.example")
    named = octets.replace(b"Return-Path: <>", b"Return-Path: <>\nX-Failed-Recipients: eve@corp.example")
    assert (read(named).names_nobody, read(named).fates[0].recipient) == (False, "eve@corp.example")
    (tmp_path / "bounce.eml").write_bytes(octets)
    [one] = ask(tmp_path / "bounce.eml", message_id="<abc@sender.example>").recipients
    assert "It names nobody: that it is about them follows from the message it brought back." in one.explanation


FIELD = re.compile(r"(?im)^(Final-Recipient|Action|Status):[ \t]*(.*)$")


def written(octets):
    """Read the fields of the machine-readable part once more, by hand: recipient, action, status of each."""
    text = octets.decode("latin-1").replace("\r\n", "\n")
    part = re.search(
        r"(?i)^content-type:[ ]*message/delivery-status.*?\n[ \t]*\n(.*?)\n--", text, re.DOTALL | re.MULTILINE
    )
    people = []
    for name, value in FIELD.findall(part[1]) if part else ():
        typed = value.split(";")[-1].strip().strip("<>") if name.lower() == "final-recipient" else value
        if not people or name.lower() in people[-1]:
            people.append({})
        people[-1][name.lower()] = re.split(r"[ (;]", typed.strip())[0].lower()
    return people


@pytest.mark.suite
def test_machine_readable_parts_of_many_servers(suites):
    files = [
        *sorted((suites / "dsn-mdn" / "sisimai").glob("*.eml")),
        *sorted((suites / "dsn-mdn" / "mimekit").glob("*.txt")),
    ]
    count = 0
    for path in files:
        octets = path.read_bytes()
        expected = written(octets)
        if not expected or path.name == "lhost-cox-01.eml":
            continue
        report = read(octets)
        assert report is not None, path
        assert report.is_structured, path
        found = [
            {"final-recipient": fate.recipient, "action": fate.action, "status": fate.status} for fate in report.fates
        ]
        assert len(found) == len(expected), path
        for fate, fields in zip(found, expected, strict=True):
            assert {name: (fate[name] or "").lower() for name in fields} == fields, path
        count += 1
    assert count >= 30


@pytest.mark.suite
def test_a_receipt(suites):
    report = read((suites / "dsn-mdn" / "mimekit" / "disposition-notification.txt").read_bytes())
    assert (report.kind, report.fates[0].action) == ("mdn", "displayed")


DSN = b"""\
Return-Path: <>
From: MAILER-DAEMON@mx.example.net
To: ann@sender.example
Subject: Undelivered Mail Returned to Sender
Date: Tue, 20 Oct 2026 10:05:00 +0000
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

I'm sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Original-Envelope-Id: QQ123

Final-Recipient: rfc822; bob@corp.example
Original-Recipient: rfc822;Bob@corp.example
Action: failed
Status: 5.2.2 (mailbox full)
Remote-MTA: dns; box.corp.example
Diagnostic-Code: smtp; 552 5.2.2
    Mailbox full
Last-Attempt-Date: Tue, 20 Oct 2026 10:04:59 +0000

Final-Recipient: rfc822; eve@corp.example
Action: delayed
Status: 4.4.1

--b
Content-Type: text/rfc822-headers

From: ann@sender.example
Message-ID: <abc@sender.example>
Subject: =?utf-8?q?Rechnung_f=C3=BCr_Bob?=

--b--
"""


def test_a_delivery_status_notification():
    report = read(DSN)
    assert (report.reporter, report.envelope_id, report.message_id) == (
        "mx.example.net",
        "QQ123",
        "<abc@sender.example>",
    )
    assert report.subject == "Rechnung für Bob"
    bob, eve = report.fates
    assert (bob.recipient, bob.original_recipient, bob.action, bob.status) == (
        "bob@corp.example",
        "Bob@corp.example",
        "failed",
        "5.2.2",
    )
    assert (bob.diagnostic, bob.remote_mta, bob.time.second) == ("552 5.2.2 Mailbox full", "box.corp.example", 59)
    assert (eve.recipient, eve.action, eve.status) == ("eve@corp.example", "delayed", "4.4.1")


def test_an_ordinary_message_and_a_vacation_notice_are_no_reports():
    ordinary = b"From: ann@example.com\nTo: bob@example.org\nSubject: delivery of goods failed\n\nAsk eve@example.net about it: 550 boxes.\n"
    notice = b"From: bob@example.org\nTo: ann@example.com\nAuto-Submitted: auto-replied\nReturn-Path: <>\nSubject: Away\n\nBack on Monday.\n"
    assert read(ordinary) is None
    assert read(notice) is None


@given(
    st.binary(max_size=400),
    st.sampled_from([b"multipart/report; boundary=b", b"message/delivery-status", b"text/plain"]),
)
def test_nothing_raises(body, kind):
    read(
        b"From: mailer-daemon@x.example\nSubject: failed\nReturn-Path: <>\nContent-Type: " + kind + b"\n\n--b\n" + body
    )


def test_nested_parts_without_an_end():
    octets = b"From: mailer-daemon@x.example\n"
    for at in range(3000):
        octets += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at)
    assert read(octets) is None


@pytest.mark.suite
def test_the_header_of_a_bounce_tells_that_it_is_worth_reading(suites):
    """Where every octet is fetched, the text of what is no bounce by its header is not; no known one is missed."""
    reports = missed = letters = 0
    for path in sorted(path for folder in ("dsn-mdn", "real-mail") for path in (suites / folder).rglob("*")):
        octets = path.read_bytes() if path.is_file() else b""
        if path.suffix not in (".eml", ".txt") or not looks_like_a_report(octets):
            continue
        head = re.split(rb"\r?\n\r?\n", octets, maxsplit=1)[0] + b"\n\n"
        if read(octets) is not None:
            reports += 1
            missed += not header_says_report(head)
        else:
            letters += not header_says_report(head)
    assert reports > 60
    assert missed == 0
    assert letters > 5


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"Content-Type: multipart/report; report-type=x\n\n", True),
        (b"Return-Path: <>\nFrom: x@y.example\n\n", True),
        (b"X-Failed-Recipients: x@y.example\n\n", True),
        (b"From: Mail Delivery System <x@y.example>\n\n", True),
        (b"From: no-reply@y.example\nSubject: News\n\n", True),
        (b"From: no-reply@y.example\nSubject: News\nContent-Type: multipart/alternative; boundary=b\n\n", False),
        (b"From: no-reply@y.example\nSubject: =?utf-8?q?Unzustellbar?=\nContent-Type: text/html\n\n", True),
        (b"From: ann@y.example\nSubject: Fwd: failure notice\nContent-Type: multipart/mixed; boundary=b\n\n", True),
        (b"From: ann@y.example\nSubject: failure notice\nContent-Type: text/plain\n\n", False),
        (b"From: shop@y.example\nSubject: Delivered today\nContent-Type: multipart/mixed; boundary=b\n\n", False),
    ],
)
def test_worth_reading_by_its_header(head, expected):
    assert header_says_report(head) is expected
