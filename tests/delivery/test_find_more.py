"""Bounces and receipts as evidence, where time was lost, slips of the keyboard, and what must not change the answer."""

import bz2
import gzip
import lzma
import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailtrace.render.json import dumps
from mailtrace.render.text.find import render
from tests.delivery.build import ask, copy, idle, line, maildir, received, saved, tried, write
from tests.delivery.test_reports import DSN

ID = "<abc@sender.example>"
BOB = "bob@corp.example"
HOUR = timedelta(hours=1)

RECEIPT = """\
From: bob@corp.example
To: ann@sender.example
Subject: Read: Invoice 7
Date: Tue, 20 Oct 2026 12:00:00 +0000
Content-Type: multipart/report; report-type=disposition-notification; boundary=b

--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822; bob@corp.example
Original-Message-ID: <abc@sender.example>
Disposition: manual-action/MDN-sent-manually; displayed

--b--
"""


def outcomes(report):
    return {one.address: (str(one.outcome), str(one.evidence_class)) for one in report.recipients}


def test_a_bounce_is_a_claim_for_each_recipient(tmp_path):
    write(tmp_path, bounce_eml=DSN.decode())
    report = ask(tmp_path / "bounce.eml", message_id=ID)
    assert outcomes(report) == {BOB: ("bounced", "D"), "eve@corp.example": ("deferred", "D")}
    assert report.answer.outcome == "bounced"


def test_backscatter_is_no_bounce(tmp_path):
    write(tmp_path, bounce_eml=DSN.decode().replace("<abc@", "<xyz@"))
    assert outcomes(ask(tmp_path / "bounce.eml", message_id=ID, to=BOB)) == {BOB: ("unknown", "None")}


def test_a_mailbox_copy_comes_before_a_bounce_that_anybody_can_write(tmp_path):
    write(tmp_path, bounce_eml=DSN.decode())
    assert outcomes(ask(tmp_path / "bounce.eml", maildir(tmp_path), message_id=ID, to=BOB)) == {BOB: ("delivered", "A")}


def test_a_bounce_says_more_than_a_hand_over(tmp_path):
    sent = tried("4QpZ1x2Yz9Kc", BOB, "sent", "250 2.0.0 Ok: queued as 7EF01C2D3E", dsn="2.0.0")
    write(tmp_path, out_log=[*idle(), *received("4QpZ1x2Yz9Kc"), sent], bounce_eml=DSN.decode())
    assert outcomes(ask(tmp_path / "out.log", message_id=ID, to=BOB)) == {BOB: ("handed-over", "A")}
    assert outcomes(ask(tmp_path / "out.log", tmp_path / "bounce.eml", message_id=ID, to=BOB)) == {
        BOB: ("bounced", "D")
    }


def test_displayed_is_not_read(tmp_path):
    write(tmp_path, receipt_eml=RECEIPT)
    report = ask(tmp_path / "receipt.eml", message_id=ID)
    assert outcomes(report) == {BOB: ("delivered", "D")}
    assert "Whether it was read" in report.recipients[0].explanation


def test_the_log_of_the_other_side(tmp_path):
    sent = tried("4QpZ1x2Yz9Kc", BOB, "sent", "250 2.0.0 Ok: queued as 7EF01C2D3E", dsn="2.0.0", host="out")
    there = [
        line(2, "postfix/smtpd[7]: 7EF01C2D3E: client=out.sender.example[192.0.2.7]"),
        saved("7EF01C2D3E", BOB, at=3),
    ]
    write(tmp_path, out_log=[*idle("out"), *received("4QpZ1x2Yz9Kc", host="out"), sent], mx_log=[*idle(), *there])
    report = ask(tmp_path / "out.log", message_id=ID, theirs=[tmp_path / "mx.log"])
    assert outcomes(report) == {BOB: ("delivered", "B")}


def test_where_time_was_lost(tmp_path):
    grey = line(
        -900,
        "postfix/smtpd[100]: NOQUEUE: reject: RCPT from out.sender.example[192.0.2.7]: 450 4.2.0 <bob@corp.example>: Recipient "
        "address rejected: Greylisted; from=<ann@sender.example> to=<bob@corp.example> proto=ESMTP helo=<out>",
    )
    slow = saved("4QpZ1x2Yz9Kc", BOB, at=700).replace("delays=0.2/0/0.1/0.5", "delays=0.2/600/0.1/90")
    write(tmp_path, mail_log=[*idle(), grey, *received("4QpZ1x2Yz9Kc"), slow])
    [one] = ask(tmp_path / "mail.log", message_id=ID, sender="ann@sender.example", to=BOB).recipients
    assert {(wait.why, round(wait.seconds)) for wait in one.waits} >= {("queue", 600), ("transfer", 90)}
    [one] = ask(tmp_path / "mail.log", sender="ann@sender.example", to=BOB, around="2026-10-20 10:00").recipients
    assert ("greylisted", 900) in {(wait.why, round(wait.seconds)) for wait in one.waits}


def test_encryption_of_the_transfer(tmp_path):
    tls = line(
        -0.5,
        "postfix/smtpd[100]: Anonymous TLS connection established from out.sender.example[192.0.2.7]: TLSv1.3 with cipher "
        "TLS_AES_256_GCM_SHA384 (256/256 bits)",
    )
    write(tmp_path, mail_log=[*idle(), tls, *received("4QpZ1x2Yz9Kc"), saved("4QpZ1x2Yz9Kc", BOB)])
    report = ask(tmp_path / "mail.log", message_id=ID)
    assert [event.tls.version for event in report.events if event.kind == "accepted"] == ["TLSv1.3"]


@pytest.mark.parametrize(
    ("asked", "there"),
    [("bobb@corp.example", BOB), ("bob@crop.example", BOB), ("john.smith@corp.example", "johnsmith@corp.example")],
)
def test_a_slip_of_the_keyboard_is_pointed_out(tmp_path, asked, there):
    write(tmp_path, mail_log=[*idle(), *received("4QpZ1x2Yz9Kc"), saved("4QpZ1x2Yz9Kc", there)])
    report = ask(tmp_path / "mail.log", sender="ann@sender.example", to=asked, around="2026-10-20 10:00", window=HOUR)
    assert [(one.outcome, one.near_misses) for one in report.recipients] == [("never-seen", (there,))]
    elsewhere = ask(tmp_path / "mail.log", to="somebody.else@corp.example", around="2026-10-20 10:00", window=HOUR)
    assert elsewhere.recipients[0].near_misses == ()


@pytest.mark.parametrize(("ending", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)])
def test_packed_and_rotated(tmp_path, ending, pack):
    lines = sorted([*idle(), *received("4QpZ1x2Yz9Kc"), saved("4QpZ1x2Yz9Kc", BOB, at=3000)])
    (tmp_path / f"mail.log.2.{ending}").write_bytes(pack("".join(lines[:30]).encode()))
    (tmp_path / "mail.log.1").write_text("".join(lines[30:45]))
    (tmp_path / "mail.log").write_text("".join(lines[45:]))
    files = sorted(tmp_path.iterdir())
    report = ask(*files, message_id=ID, around="2026-10-20 10:00", window=HOUR)
    assert outcomes(report) == {BOB: ("delivered", "A")}
    assert {one.covers_query for one in report.coverage} == {True}
    (tmp_path / "mail.log.1").unlink()
    report = ask(tmp_path, message_id="<x@y>", to=BOB, around="2026-10-20 10:00", window=HOUR)
    assert report.answer.outcome == "unknown"
    assert any("mail.log.1 is missing" in note for part in report.coverage for note in part.notes)


def test_a_packed_log_that_is_cut_off(tmp_path):
    whole = gzip.compress("".join(sorted([*idle(), *received("4QpZ1x2Yz9Kc", at=-20000)])).encode())
    (tmp_path / "mail.log.gz").write_bytes(whole[:-40])
    report = ask(tmp_path / "mail.log.gz", message_id=ID, to=BOB)
    assert [str(event.kind) for event in report.events] == ["accepted", "queued", "queued"]
    assert "could not be read to its end" in report.coverage[0].notes[-1]


def scene(folder):
    sent = tried("4QpZ1x2Yz9Kc", BOB, "sent", "250 2.0.0 Ok: queued as 7EF01C2D3E", dsn="2.0.0", host="out")
    there = [
        line(2, "postfix/smtpd[7]: 7EF01C2D3E: client=out.sender.example[192.0.2.7]"),
        saved("7EF01C2D3E", BOB, at=3),
    ]
    eve = tried("4QpZ1x2Yz9Kc", "eve@corp.example", "bounced", "550 5.1.1 User unknown", dsn="5.1.1", host="out")
    write(folder, out_log=[*idle("out"), *received("4QpZ1x2Yz9Kc", host="out"), sent, eve], mx_log=[*idle(), *there])
    write(folder, bounce_eml=DSN.decode())
    return [folder / "out.log", folder / "mx.log", folder / "bounce.eml", maildir(folder)]


def test_the_order_of_the_sources_does_not_matter(tmp_path):
    sources = scene(tmp_path)
    expected = dumps(ask(*sources, message_id=ID))
    for seed in range(8):
        random.Random(seed).shuffle(sources)
        assert dumps(ask(*sources, message_id=ID)) == expected


def test_unrelated_lines_do_not_matter(tmp_path):
    sources = scene(tmp_path)
    expected = ask(*sources, message_id=ID)
    log = tmp_path / "mx.log"
    lines = log.read_text().splitlines(keepends=True)
    for seed in range(4):
        dice = random.Random(seed)
        more = [
            text
            for number in range(40)
            for at in [dice.uniform(-20000, 20000)]
            for text in [
                *received(f"4QNoise{seed}{number:03}z", f"<n{number}@x.example>", at=at),
                saved(f"4QNoise{seed}{number:03}z", BOB, at=at + 1),
            ]
        ]
        log.write_text("".join(sorted([*lines, *more])))
        report = ask(*sources, message_id=ID)
        assert [(one.address, one.outcome, one.explanation) for one in report.recipients] == [
            (one.address, one.outcome, one.explanation) for one in expected.recipients
        ]
        assert len(report.events) == len(expected.events)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 200), st.binary(max_size=60)), max_size=8))
def test_broken_lines_are_not_fatal(tmp_path, damage):
    lines = [
        bytearray(text.encode()) for text in sorted([*idle(), *received("4QpZ1x2Yz9Kc"), saved("4QpZ1x2Yz9Kc", BOB)])
    ]
    for which, at, octets in damage:
        target = lines[37 + which]
        target[at : at + len(octets)] = octets
    (tmp_path / "mail.log").write_bytes(b"".join(lines))
    report = ask(tmp_path / "mail.log", message_id=ID, to=BOB)
    text = render(report, trace=True)
    assert all(char.isprintable() or char == "\n" for char in text)


def test_a_log_without_line_ends_and_one_of_very_long_lines(tmp_path):
    good = sorted([*idle(), *received("4QpZ1x2Yz9Kc"), saved("4QpZ1x2Yz9Kc", BOB)])
    (tmp_path / "mail.log").write_text("".join(good) + "x" * 6_000_000 + "abc@sender.example\n" + good[-1])
    assert outcomes(ask(tmp_path / "mail.log", message_id=ID)) == {BOB: ("delivered", "A")}


def test_hostile_text_is_shown_as_what_it_is(tmp_path):
    reply = "550 5.7.1 \x1b[31mred\u202e"
    write(
        tmp_path,
        mail_log=[*idle(), *received("4QpZ1x2Yz9Kc"), tried("4QpZ1x2Yz9Kc", BOB, "bounced", reply, dsn="5.7.1")],
    )
    text = render(ask(tmp_path / "mail.log", message_id=ID), trace=True)
    assert "\\x1b[31mred" in text
    assert "\x1b" not in text


def test_a_question_by_subject_over_mail(tmp_path):
    write(tmp_path, box_mbox="From ann@sender.example Tue Oct 20 10:00:01 2026\n" + copy() + "\n")
    assert outcomes(ask(tmp_path / "box.mbox", subject="invoice", to=BOB)) == {BOB: ("delivered", "A")}
    assert outcomes(ask(tmp_path / "box.mbox", subject="receipt", to=BOB)) == {BOB: ("unknown", "None")}


def test_a_mailbox_that_does_not_name_its_owner(tmp_path):
    plain = copy().replace("Delivered-To: bob@corp.example\n", "")
    write(tmp_path, box_mbox="From ann@sender.example Tue Oct 20 10:00:01 2026\n" + plain + "\n")
    assert outcomes(ask(tmp_path / "box.mbox", message_id=ID)) == {BOB: ("delivered", "A")}
    two = plain.replace("To: bob@corp.example", "To: bob@corp.example, eve@corp.example")
    write(tmp_path, box_mbox="From ann@sender.example Tue Oct 20 10:00:01 2026\n" + two + "\n")
    [one] = ask(tmp_path / "box.mbox", message_id=ID).recipients
    assert (one.outcome, one.address) == ("delivered", f"the owner of {tmp_path / 'box.mbox'}")
    assert outcomes(ask(tmp_path / "box.mbox", message_id=ID, to=BOB)) == {BOB: ("delivered", "A")}


def test_a_bounce_of_another_message_to_the_same_recipient(tmp_path):
    other = DSN.decode().replace("<abc@", "<xyz@").replace("Action: delayed", "Action: failed")
    write(
        tmp_path,
        mail_log=[*idle(), *received("4QpZ1x2Yz9Kc"), saved("4QpZ1x2Yz9Kc", "bob@corp.example")],
        bounce_eml=other,
    )
    to = ("bob@corp.example", "eve@corp.example")
    report = ask(
        tmp_path / "mail.log", tmp_path / "bounce.eml", sender="ann@sender.example", to=to, around="2026-10-20 10:00"
    )
    assert outcomes(report) == {BOB: ("delivered", "A"), "eve@corp.example": ("unknown", "None")}


EXIM = """\
2026-10-20 10:00:00 1vAbCd-000000004Ef-2GhI <= ann@sender.example H=out.sender.example [192.0.2.7] P=esmtps X=TLS1.3:TLS_AES_256_GCM_SHA384:256 S=1200 id=abc@sender.example for bob@corp.example
2026-10-20 10:00:01 1vAbCd-000000004Ef-2GhI ** bob@corp.example R=users T=local_delivery: mailbox is full (552 5.2.2)
2026-10-20 10:00:01 1vAbCd-000000004Ef-2GhI Completed
"""


def test_exim(tmp_path):
    write(tmp_path, mainlog=EXIM)
    report = ask(tmp_path / "mainlog", message_id=ID)
    assert outcomes(report) == {BOB: ("bounced", "A")}
    assert report.coverage[0].notes == ("the times have no zone: read as UTC",)


def test_what_somebody_says_is_shown_and_decides_nothing(tmp_path):
    write(tmp_path, mail_log=[*idle(), *received("4QpZ1x2Yz9Kc"), saved("4QpZ1x2Yz9Kc", BOB)])
    said = ((BOB, "I never got it"),)
    report = ask(tmp_path / "mail.log", message_id=ID, said=said)
    assert outcomes(report) == {BOB: ("delivered", "A")}
    assert report.recipients[0].said == ("I never got it",)
    assert 'Somebody says: "I never got it". That is their word: it does not change the answer.' in (
        report.recipients[0].explanation
    )
    near = {"around": "2026-10-20 10:00", "window": HOUR}
    report = ask(tmp_path / "mail.log", message_id="<other@sender.example>", said=((BOB, "got it"),))
    assert outcomes(report) == {BOB: ("unknown", "E")}
    assert "nothing that was given bears it out, and it decides nothing" in report.recipients[0].explanation
    assert "save the message as a file with all its header fields" in report.answer.next_steps[-1]
    report = ask(tmp_path / "mail.log", message_id="<other@sender.example>", said=((BOB, "got it"),), **near)
    assert outcomes(report) == {BOB: ("never-seen", "None")}
    text = render(ask(tmp_path / "mail.log", message_id="<other@sender.example>", said=((BOB, "\x1b[31mgot it"),)))
    assert "\x1b" not in text
    assert "Evidence E (somebody's word, which decides nothing)" in text
