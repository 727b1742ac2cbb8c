"""What a log says in passing, or of others, is no answer for this recipient; an answer claims no more than its line."""

import gzip
import os
import random
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from mailtrace.delivery import narrow
from mailtrace.delivery.logs.entries import named
from tests.delivery.build import NOW, ask, copy, idle, line, maildir, received, saved, tried, write

ID = "<abc@sender.example>"
BOB = "bob@corp.example"
EVE = "eve@corp.example"
HOUR = timedelta(hours=1)
FILTER = "127.0.0.1[127.0.0.1]:10024"
HELD = "postfix/postsuper[5]: 4QpZ1: placed on hold"
FREED = "postfix/postsuper[5]: 4QpZ1: released from hold"
REMOVED = "postfix/postsuper[5]: 4QpZ1: removed"


def fates(report):
    return {one.address: str(one.outcome) for one in report.recipients}


def of_log(folder, *lines, to=(), **files):
    write(folder, mail_log=idle() + received("4QpZ1") + list(lines), **files)
    return ask(folder / "mail.log", message_id=ID, to=to, around="2026-10-20 10:00")


@pytest.mark.parametrize("service", ["smtp", "lmtp"])
@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("250 2.7.0 Ok, discarded, id=00066-07 - SPAM", "filtered"),
        ("250 2.7.1 Ok, discarded, id=00066-07 - VIRUS: Eicar", "filtered"),
        ("250 2.5.0 Ok, id=00066-07, BOUNCE", "bounced"),
    ],
)
def test_what_a_filter_took_to_throw_it_away_is_not_delivered(tmp_path, service, reply, outcome):
    report = of_log(tmp_path, tried("4QpZ1", BOB, "sent", reply, dsn="2.7.0", service=service, relay=FILTER))
    assert fates(report) == {BOB: outcome}


def test_what_a_filter_discarded_and_kept_is_held(tmp_path):
    blocked = (
        "amavis[66]: (00066-07) Blocked SPAM {DiscardedInbound,Quarantined}, [192.0.2.7]:40000 [192.0.2.7] "
        "<ann@sender.example> -> <bob@corp.example>, quarantine: a/spam-x.gz, Queue-ID: 4QpZ1, "
        "Message-ID: <abc@sender.example>, mail_id: x, Hits: 12.3, size: 1234, 321 ms"
    )
    reply = "250 2.7.0 Ok, discarded, id=00066-07 - SPAM"
    taken = tried("4QpZ1", BOB, "sent", reply, dsn="2.7.0", service="lmtp", relay=FILTER)
    assert fates(of_log(tmp_path, line(0.5, blocked), taken)) == {BOB: "quarantined"}


@pytest.mark.parametrize("written", ["abc@sender.example", "<abc@sender.example> (added by relay)", ID])
def test_a_message_id_is_found_however_the_field_was_written(tmp_path, written):
    write(tmp_path, mail_log=idle() + received("4QpZ1", message_id=written) + [saved("4QpZ1", BOB)])
    report = ask(tmp_path / "mail.log", message_id=ID, to=BOB, around="2026-10-20 10:00")
    assert fates(report) == {BOB: "delivered"}


def test_what_is_no_message_id_stays_as_written():
    assert named("=?utf-8?B?PDE5?= =?utf-8?B?QD4=?=") == "=?utf-8?B?PDE5?= =?utf-8?B?QD4=?="
    assert (named(" "), named(None), named("<>")) == (None, None, None)


def test_what_was_removed_after_one_recipient_had_it_is_the_others(tmp_path):
    report = of_log(
        tmp_path,
        saved("4QpZ1", BOB),
        tried("4QpZ1", EVE, "deferred", "connect to x[192.0.2.9]:25: Connection timed out", dsn="4.4.1"),
        line(60, REMOVED),
    )
    assert fates(report) == {BOB: "delivered", EVE: "filtered"}
    eve = next(one for one in report.recipients if one.address == EVE)
    assert "taken out of the queue of mx" in eve.explanation
    assert "rule" not in eve.explanation


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("sent", "handed-over"), ("deferred", "deferred"), ("bounced", "bounced"), (None, "deferred")],
)
def test_a_hold_that_was_lifted_holds_nothing(tmp_path, status, outcome):
    after = [tried("4QpZ1", BOB, status, "250 Ok", dsn="2.0.0", at=30)] if status else []
    assert fates(of_log(tmp_path, line(1, HELD), line(20, FREED), *after, to=BOB)) == {BOB: outcome}


def test_a_hold_that_was_not_lifted_holds_it_whatever_came_before(tmp_path):
    rule = "postfix/smtpd[100]: 4QpZ1: hold: RCPT from out.sender.example[192.0.2.7]: <bob@corp.example>: Recipient address"
    envelope = "; from=<ann@sender.example> to=<bob@corp.example> proto=ESMTP helo=<out.sender.example>"
    write(tmp_path, mail_log=[*idle(), *received("4QpZ1")[:2], line(0.05, f"{rule} triggers HOLD{envelope}")])
    report = ask(tmp_path / "mail.log", message_id=ID, to=BOB, around="2026-10-20 10:00")
    assert fates(report) == {BOB: "quarantined"}


def test_what_a_rule_sent_to_somebody_else_was_seen(tmp_path):
    rule = (
        "postfix/cleanup[101]: 4QpZ1: redirect: header Subject: x from out.sender.example[192.0.2.7]; "
        "from=<ann@sender.example> to=<bob@corp.example> proto=ESMTP helo=<x>: postmaster@corp.example"
    )
    report = of_log(tmp_path, line(0.15, rule), saved("4QpZ1", "postmaster@corp.example"), to=BOB)
    assert fates(report) == {BOB: "filtered"}
    assert "a rule sent it to somebody else" in report.answer.summary


def test_a_message_without_a_named_recipient_is_not_said_to_be_lost(tmp_path):
    report = of_log(tmp_path)
    assert (report.answer.outcome, report.recipients) == ("deferred", ())
    assert "no recipient is named" in report.answer.summary
    assert report.answer.summary.startswith("The recipient ")


def test_a_message_that_is_not_there_is_never_seen_whoever_it_was_for(tmp_path):
    write(tmp_path, mail_log=idle())
    report = ask(tmp_path / "mail.log", message_id=ID, around="2026-10-20 10:00", window=HOUR)
    assert (report.answer.outcome, report.recipients) == ("never-seen", ())
    assert report.answer.next_steps


def test_a_subject_alone_is_not_looked_for_in_logs(tmp_path):
    write(tmp_path, mail_log=idle())
    report = ask(tmp_path / "mail.log", subject="Invoice", around="2026-10-20 10:00", window=HOUR)
    assert report.answer.outcome == "unknown"
    assert "alone" in report.answer.summary


def test_an_automatic_reply_has_a_recipient_as_well(tmp_path):
    write(tmp_path, mail_log=idle() + received("4QpZ1", sender="") + [saved("4QpZ1", BOB)])
    assert fates(ask(tmp_path / "mail.log", message_id=ID)) == {BOB: "delivered"}


@pytest.mark.parametrize(("around", "outcome"), [("2026-10-20 10:00", "unknown"), ("2026-10-18 10:00", "never-seen")])
def test_a_log_that_breaks_off_near_the_time_may_hold_it(tmp_path, around, outcome):
    noise = [line(1, f"x[{at}]: {at * 7919 % 1000003}") for at in range(20000)]
    packed = gzip.compress("".join([*idle(since=-72), *noise]).encode())
    (tmp_path / "mail.log.gz").write_bytes(packed[:-20000])
    report = ask(tmp_path / "mail.log.gz", message_id=ID, to=BOB, around=around, window=HOUR)
    assert fates(report) == {BOB: outcome}


def own(date="Tue, 20 Oct 2026 09:59:58 +0000", author="ann@sender.example"):
    text = f"From: {author}\r\nTo: {BOB}\r\nSubject: Invoice 7\r\nMessage-ID: {ID}\r\nDate: {date}\r\n\r\nHello\r\n"
    return text.encode()


@pytest.mark.parametrize(
    ("author", "date", "outcome"),
    [
        ("mallory@evil.example", "Wed, 21 Oct 2026 11:00:00 +0000", "unknown"),
        ("list@lists.example", "Tue, 20 Oct 2026 09:59:58 +0000", "delivered"),  # a list that changes From
        ("ann@sender.example", "Wed, 21 Oct 2026 11:00:00 +0000", "delivered"),  # a server that mends Date
    ],
)
def test_a_copy_by_another_author_with_the_same_message_id_is_not_it(tmp_path, author, date, outcome):
    report = ask(maildir(tmp_path), sent=own(date, author), to=BOB)
    assert fates(report) == {BOB: outcome}
    assert [one.is_another_message for one in report.messages] == [outcome == "unknown"]


def test_a_copy_in_the_mailbox_of_its_sender_is_not_the_recipients(tmp_path):
    (tmp_path / "ann").mkdir()
    text = copy().replace(f"Delivered-To: {BOB}\n", "")
    assert fates(ask(maildir(tmp_path / "ann", content=text), message_id=ID, to=BOB)) == {BOB: "unknown"}


def exim(folder, *lines):
    ticks = [
        f"2026-10-20 {hour:02}:{minute}0:00 Start queue run: pid={hour}{minute}"
        for hour in range(6, 16)
        for minute in range(6)
    ]
    arrival = (
        "2026-10-20 10:00:00 1vAbCd-000000004Ef-2GhI <= ann@sender.example H=out.sender.example [192.0.2.7] P=esmtps "
        f"S=1234 id=abc@sender.example for {BOB}"
    )
    own = [f"2026-10-20 {time} 1vAbCd-000000004Ef-2GhI {rest}" for time, rest in lines]
    (folder / "mainlog").write_text("\n".join(sorted([*ticks, arrival, *own])) + "\n", "utf-8")
    return ask(folder / "mainlog", message_id=ID, to=BOB, around="2026-10-20 10:00")


def test_an_answer_that_a_filter_sent_is_no_delivery(tmp_path):
    line = f"=> >ann@sender.example <{BOB}> R=userforward T=address_reply"
    assert fates(exim(tmp_path, ("10:00:01", line))) == {BOB: "deferred"}


def test_what_was_removed_from_exims_queue_is_tried_no_more(tmp_path):
    deferred = f"== {BOB} R=dnslookup T=remote_smtp defer (-53): retry time not reached for any host"
    report = exim(tmp_path, ("10:00:01", deferred), ("10:10:00", "removed by root"), ("10:10:00", "Completed"))
    assert fates(report) == {BOB: "filtered"}
    assert "taken out of the queue" in report.answer.summary


@pytest.mark.parametrize(
    ("target", "outcome"),
    [("/dev/null", "filtered"), ("/var/mail/bob", "delivered")],
)
def test_a_file_of_somebodys_is_that_recipients_in_sendmails_log(tmp_path, target, outcome):
    taken = (
        "sm-mta[1]: 5AKA01bc012345: from=<ann@sender.example>, size=1234, class=0, nrcpts=1, msgid=<abc@sender.example>, "
        "proto=ESMTPS, daemon=MTA, relay=out.sender.example [192.0.2.7]"
    )
    put = (
        f"sm-mta[3]: 5AKA01bc012345: to={target}, ctladdr=<{BOB}> (1000/1000), delay=00:00:01, xdelay=00:00:00, "
        "mailer=*file*, pri=30000, dsn=2.0.0, stat=Sent"
    )
    write(tmp_path, maillog=[line(0, taken), line(1, put)])
    assert fates(ask(tmp_path / "maillog", message_id=ID)) == {BOB: outcome}


BOOT = "mx kernel: Linux version 6.1\n"


@pytest.mark.parametrize(
    ("rogue", "around", "outcome"),
    [
        ("2026-01-01T00:00:05+00:00", "2026-03-03 10:00", "unknown"),  # before the clock was asked for
        ("2026-01-01T00:00:05+00:00", "2026-10-20 10:00", "never-seen"),
        ("2027-01-01T00:00:05+00:00", "2026-10-21 10:00", "unknown"),
        ("2027-01-01T00:00:05+00:00", "2026-10-20 10:00", "never-seen"),
    ],
)
@pytest.mark.parametrize("at", [0, 30, 73])
def test_a_line_of_another_time_covers_nothing_between(tmp_path, rogue, around, outcome, at):
    lines = idle()
    (tmp_path / "mail.log").write_text("".join([*lines[:at], f"{rogue} {BOOT}", *lines[at:]]), "utf-8")
    assert fates(ask(tmp_path / "mail.log", message_id=ID, to=BOB, around=around, window=HOUR)) == {BOB: outcome}


def test_a_line_of_the_future_hides_no_silence_behind_it(tmp_path):
    lines = [f"2027-01-01T00:00:05+00:00 {BOOT}", *idle(since=-6, until=-2), *idle(since=3, until=6)]
    (tmp_path / "mail.log").write_text("".join(lines), "utf-8")
    report = ask(tmp_path / "mail.log", message_id=ID, to=BOB, around="2026-10-20 10:00", window=HOUR)
    assert fates(report) == {BOB: "unknown"}


def test_two_files_in_one_in_the_wrong_order_are_one_log(tmp_path):
    lines = idle()
    (tmp_path / "mail.log").write_text("".join([*lines[40:], *lines[:40]]), "utf-8")
    report = ask(tmp_path / "mail.log", message_id=ID, to=BOB, around="2026-10-20 10:00", window=HOUR)
    assert (fates(report), report.coverage[0].gaps) == ({BOB: "never-seen"}, ())


def test_many_jumps_of_the_clock_cost_no_time_and_cover_nothing(tmp_path):
    lines = [
        f"20{year:02}-{month:02}-{day:02}T00:00:05+00:00 {BOOT}"
        for year in range(5, 24)
        for month in range(1, 13)
        for day in range(1, 28)
    ]
    random.Random(1).shuffle(lines)
    (tmp_path / "mail.log").write_text("".join([*idle(), *lines, *idle()]), "utf-8")
    report = ask(tmp_path / "mail.log", message_id=ID, to=BOB, around="2026-03-03 10:00", window=HOUR)
    assert fates(report) == {BOB: "unknown"}


def test_a_message_id_in_other_capitals_is_not_called_missing(tmp_path):
    write(tmp_path, mail_log=idle() + received("4QpZ1", message_id="<ABC@Sender.example>") + [saved("4QpZ1", BOB)])
    report = ask(tmp_path / "mail.log", message_id=ID, to=BOB, around="2026-10-20 10:00", window=HOUR)
    assert fates(report) == {BOB: "unknown"}
    assert "<ABC@Sender.example>" in report.answer.summary
    assert "'<ABC@Sender.example>'" in report.answer.next_steps[0]


@pytest.mark.parametrize(
    "sender",
    [
        "prvs=1234abcdef=ann@sender.example",
        "btv1==123abc==ann@sender.example",
        "SRS0=abcd=ZZ=sender.example=ann@forwarder.example",
        "SRS1=abcd=first.example==efgh=ZZ=sender.example=ann@second.example",
        "carol+SRS=abcd=ZZ=sender.example=ann@cloud.example",
        "ann+bounces-7-bob=corp.example@sender.example",
    ],
)
def test_who_asks_for_a_sender_means_what_the_envelope_made_of_it(tmp_path, sender):
    write(tmp_path, mail_log=idle() + received("4QpZ1", sender=sender) + [saved("4QpZ1", BOB)])
    report = ask(tmp_path / "mail.log", sender="ann@sender.example", to=BOB, around="2026-10-20 10:00", window=HOUR)
    assert fates(report) == {BOB: "delivered"}


@pytest.mark.parametrize("by", [{"message_id": ID}, {"sender": "ann@sender.example"}, {}])
def test_a_detail_behind_a_plus_is_named_and_is_the_same_mailbox(tmp_path, by):
    write(tmp_path, mail_log=idle() + received("4QpZ1") + [saved("4QpZ1", "bob+news@corp.example")])
    report = ask(tmp_path / "mail.log", to=BOB, around="2026-10-20 10:00", window=HOUR, **by)
    assert fates(report) == {BOB: "delivered"}
    assert f"{BOB} got it as bob+news@corp.example" in report.answer.summary


def test_another_mailbox_that_begins_alike_is_not_the_same(tmp_path):
    write(tmp_path, mail_log=idle() + received("4QpZ1") + [saved("4QpZ1", "bobby+bob@corp.example")])
    report = ask(tmp_path / "mail.log", message_id=ID, to=BOB, around="2026-10-20 10:00", window=HOUR)
    assert fates(report) == {BOB: "never-seen"}


@pytest.mark.parametrize("address", ['"bob, the >builder"@corp.example', '"a \\" b"@corp.example'])
def test_a_quoted_address_is_read_whole(tmp_path, address):
    assert fates(of_log(tmp_path, saved("4QpZ1", address))) == {address: "delivered"}


@pytest.mark.parametrize(
    ("relay", "service", "reply", "words"),
    [
        (FILTER, "smtp", "250 2.0.0 Ok: queued as 4QpZ2", "A filter or proxy on mx itself"),
        ("localhost[::1]:10025", "smtp", "250 2.0.0 Ok: queued as 4QpZ2", "A filter or proxy on mx itself"),
        ("local", "local", "delivered to command: /usr/bin/vacation bob", "A program on mx"),
        ("mx.corp.example[192.0.2.25]:25", "smtp", "250 2.0.0 Ok: queued as 4QpZ2", "mx.corp.example[192.0.2.25] took"),
    ],
)
def test_what_took_it_on_the_server_itself_is_no_other_side(tmp_path, relay, service, reply, words):
    report = of_log(tmp_path, tried("4QpZ1", BOB, "sent", reply, dsn="2.0.0", service=service, relay=relay))
    assert fates(report) == {BOB: "handed-over"}
    assert report.answer.summary.startswith(words)


def test_what_a_mailbox_program_did_is_not_claimed(tmp_path):
    reply = "delivered to command: /usr/bin/procmail"
    report = of_log(tmp_path, tried("4QpZ1", BOB, "sent", reply, dsn="2.0.0", service="local", relay="local"))
    assert fates(report) == {BOB: "delivered"}
    assert "it was put into" not in report.answer.summary


TEAM = "team@corp.example"


def test_an_alias_that_stands_for_several_has_the_worst_of_their_fates(tmp_path):
    full = tried("4QpZ1", EVE, "bounced", "host x said: 552 5.2.2 Mailbox full", dsn="5.2.2", orig=TEAM)
    report = of_log(tmp_path, saved("4QpZ1", BOB, orig=TEAM), full)
    assert fates(report) == {TEAM: "bounced"}
    assert f"{TEAM} stands for 2 addresses: 1 bounced and 1 delivered. {EVE} did not get it" in report.answer.summary


def test_an_alias_all_of_whose_addresses_got_it_got_it(tmp_path):
    assert fates(of_log(tmp_path, saved("4QpZ1", BOB, orig=TEAM), saved("4QpZ1", EVE, orig=TEAM))) == {
        TEAM: "delivered"
    }


@pytest.mark.parametrize(
    ("sender", "is_told"),
    [
        ("mallory@evil.example", True),
        ("ann@sender.example", False),
        ("SRS0=abcd=ZZ=sender.example=ann@forwarder.example", False),
        ("", False),
    ],
)
def test_a_message_id_that_came_from_two_senders_is_told(tmp_path, sender, is_told):
    refused = tried("4QpZ1", BOB, "bounced", "host x said: 550 5.1.1 No", dsn="5.1.1", at=3)
    report = of_log(tmp_path, refused, *received("4QpZ9", sender=sender, at=300), saved("4QpZ9", BOB, at=301), to=BOB)
    assert ("More than one message came in" in report.answer.summary) is is_told
    assert ("this is of the one from mallory@evil.example" in report.answer.summary) is is_told


def test_a_copy_that_is_gone_from_the_mailbox_that_was_given_is_told(tmp_path):
    box = maildir(tmp_path, content=copy(message_id="<other@sender.example>"))
    write(tmp_path, mail_log=idle() + received("4QpZ1") + [saved("4QpZ1", BOB)])
    report = ask(tmp_path / "mail.log", box, message_id=ID, to=BOB)
    assert fates(report) == {BOB: "delivered"}
    assert "The mailboxes that were given hold no copy of it." in report.answer.summary


TRACE = "Received,SenderAddress,RecipientAddress,Subject,Status,ToIP,FromIP,Size,MessageId,MessageTraceId\r\n"


def traced(folder, subject):
    ticks = [
        f"2026-10-20T{hour:02}:{minute}0:00Z,x@other.example,y@corp.example,s,Delivered,,,1,<{hour}{minute}@other.example>,a\r\n"
        for hour in range(6, 16)
        for minute in range(6)
    ]
    row = f'2026-10-20T10:00:01Z,ann@sender.example,{BOB},"{subject}",Delivered,,,1,{ID},b\r\n'
    (folder / "trace.csv").write_text("".join([TRACE, *ticks, row]), "utf-8")
    return folder / "trace.csv"


@pytest.mark.parametrize("by", [{"message_id": ID}, {"sender": "ann@sender.example"}])
@pytest.mark.parametrize(("subject", "outcome"), [("Hello", "delivered"), ("Hello\r\nthere", "unknown")])
def test_a_row_with_a_line_end_in_it_is_not_called_missing(tmp_path, by, subject, outcome):
    report = ask(traced(tmp_path, subject), to=BOB, around="2026-10-20 10:00", window=HOUR, **by)
    assert fates(report) == {BOB: outcome}
    assert ("trace.csv:" in report.answer.summary) is (outcome == "unknown")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("policyd[7]: accepted <abc@sender.example> for somebody", "unknown"),
        ("policyd[7]: accepted <xabc@sender.example> for somebody", "never-seen"),
        ("policyd[7]: accepted <abc@sender.example.org> for somebody", "never-seen"),
    ],
)
def test_a_line_that_names_it_and_says_nothing_is_named(tmp_path, text, outcome):
    write(tmp_path, mail_log=[*idle(), line(1, text)])
    report = ask(tmp_path / "mail.log", message_id=ID, to=BOB, around="2026-10-20 10:00", window=HOUR)
    assert fates(report) == {BOB: outcome}


FIELDS = (
    "#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,"
    "internal-message-id,message-id,recipient-address,recipient-status,total-bytes,recipient-count,"
    "related-recipient-address,reference,message-subject,sender-address,return-path"
)


def tracking(folder, *rows):
    def row(time, source, event, to, status="", related="", message_id=ID):
        ends = f"{message_id},{to},{status},100,1,{related},,Hello,ann@sender.example,ann@sender.example"
        return f"2026-10-20T{time}.000Z,,,,EX01,,,{source},{event},77,{ends}"

    ticks = [
        row(
            f"{hour:02}:{minute}0:00", "SMTP", "RECEIVE", "x@corp.example", message_id=f"<{hour}{minute}@other.example>"
        )
        for hour in range(6, 16)
        for minute in range(6)
    ]
    taken = row("10:00:00", "SMTP", "RECEIVE", TEAM)
    grown = row("10:00:01", "ROUTING", "EXPAND", f"{BOB};{EVE}", related=TEAM)
    (folder / "e.log").write_text("\r\n".join([FIELDS, *ticks, taken, grown, *(row(*one) for one in rows)]), "utf-8")
    return ask(folder / "e.log", message_id=ID, to=TEAM, around="2026-10-20 10:00", window=HOUR)


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ([("10:00:02", "STOREDRIVER", "DELIVER", f"{BOB};{EVE}")], "delivered"),
        (
            [
                ("10:00:02", "STOREDRIVER", "DELIVER", BOB),
                ("10:00:03", "STOREDRIVER", "FAIL", EVE, "550 5.2.2 mailbox full"),
            ],
            "bounced",
        ),
        ([], "deferred"),
    ],
)
def test_a_group_fared_as_its_members_did(tmp_path, rows, outcome):
    assert fates(tracking(tmp_path, *rows)) == {TEAM: outcome}


def test_an_hour_that_came_twice_is_named(tmp_path):
    lines = [
        f"Oct {day} {hour:02}:{minute}0:00 mx postfix/qmgr[9]: 4QIdle{hour:02}{minute}: from=<x@other.example>, size=1, "
        "nrcpt=1 (queue active)\n"
        for day in (24, 25)
        for hour in range(24)
        for minute in range(6)
    ]
    (tmp_path / "mail.log").write_text("".join(lines), "utf-8")
    os.utime(tmp_path / "mail.log", (NOW.timestamp(), NOW.timestamp()))
    told = {
        zone: [
            note
            for note in ask(tmp_path / "mail.log", message_id=ID, log_zone=ZoneInfo(zone)).coverage[0].notes
            if "came twice" in note
        ]
        for zone in ("UTC", "Europe/Berlin", "Asia/Tokyo")
    }
    assert (told["UTC"], told["Asia/Tokyo"]) == ([], [])
    assert [note.partition(":")[0] for note in told["Europe/Berlin"]] == ["on 25 Oct 2026 the hour from 02"]


def test_a_single_file_is_not_said_to_lie_in_a_folder(tmp_path):
    (tmp_path / "m.eml").write_text(copy(), "utf-8")
    report = ask(tmp_path / "m.eml", message_id=ID, to=BOB)
    assert fates(report) == {BOB: "delivered"}
    assert "INBOX" not in report.answer.summary


def test_of_very_many_recipients_each_has_the_answer_that_few_would_have(tmp_path, monkeypatch):
    people = [f"u{at}@corp.example" for at in range(120)]
    lines = [saved("4QpZ1", one, at=2) for one in people[3:]]
    lines += [tried("4QpZ1", people[0], "bounced", "550 5.1.1 No", dsn="5.1.1"), saved("4QpZ1", "u1+x@corp.example")]
    lines += [saved("4QpZ1", people[2], orig=TEAM), tried("4QpZ1", EVE, "deferred", "450 Busy", dsn="4.0.0", orig=TEAM)]
    lines += [line(60, REMOVED), *(tried("4QpZ1", one, "deferred", "450 Busy", dsn="4.0.0") for one in people[90:])]
    monkeypatch.setattr(narrow, "MANY", 10)
    narrowly = of_log(tmp_path, *lines)
    monkeypatch.setattr(narrow, "MANY", 10_000)
    assert narrowly == of_log(tmp_path, *lines)
    assert len(fates(narrowly)) == 120
    assert fates(narrowly)[TEAM] == "filtered"


def test_a_large_alias_is_looked_at_where_it_went_wrong(tmp_path):
    lines = [saved("4QpZ1", f"u{at}@corp.example", orig=TEAM) for at in range(300)]
    report = of_log(tmp_path, *lines, tried("4QpZ1", EVE, "bounced", "550 5.1.1 No", dsn="5.1.1", orig=TEAM, at=9))
    assert fates(report) == {TEAM: "bounced"}
    assert "stands for 301 addresses, of which 200 were looked at" in report.answer.summary
