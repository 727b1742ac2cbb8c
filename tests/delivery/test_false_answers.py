"""Answers that were false once: what a log shows of another message, of all, or of nobody, is not this recipient's."""

import os
from datetime import UTC, timedelta

import pytest

from mailtrace.delivery import narrow
from mailtrace.delivery.find import Settings, find
from mailtrace.delivery.logs.formats import FORMATS
from mailtrace.delivery.query import Query, at_time
from tests.delivery.build import NOW, START, ask, copy, idle, line, received, saved, tried, write

ID = "<abc@sender.example>"
ANN = "ann@sender.example"
BOB = "bob@corp.example"
EVE = "eve@corp.example"
HOURS = timedelta(hours=2)
AROUND = "2026-10-20 10:00"
MODIFIED = 1_793_000_000
"""Of files whose lines name no year: 26 October 2026."""


def fates(report):
    return {one.address: str(one.outcome) for one in report.recipients}


def named(folder, *lines, to=BOB):
    """Ask by Message-ID in a log of Postfix that covers the time."""
    write(folder, mail_log=idle() + list(lines))
    return ask(folder / "mail.log", message_id=ID, to=to, around=AROUND, window=HOURS)


def of_file(folder, lines, **question):
    path = folder / "maillog"
    path.write_text("".join(f"{one}\n" for one in sorted(lines)))
    os.utime(path, (MODIFIED, MODIFIED))
    return ask(path, **{"message_id": ID, "to": BOB, "around": AROUND, "window": HOURS, **question})


def every_ten_minutes(form, *, day="Oct 20"):
    return [f"{day} {hour:02}:{minute:02}:30 {form}" for hour in range(6, 16) for minute in range(0, 60, 10)]


LOGIN = "mx dovecot: imap-login: Login: user=<bob>, method=PLAIN, rip=192.0.2.9, lip=192.0.2.1, mpid=12, session=<aa>"
WARNING = "mx postfix/smtpd[12]: warning: hostname x.example does not resolve to address 192.0.2.9"
REFUSAL = "H=(x.example) [192.0.2.99] F=<x@y.example> rejected RCPT <zz@corp.example>: relay not permitted"
SMTPD = "bsd smtpd[123]: 7a1b smtp envelope evpid=1a2b3c4d from=<ann@sender.example> to=<bob@corp.example>"


@pytest.mark.parametrize(
    ("form", "day"),
    [
        (LOGIN, "Oct 20"),
        (WARNING, "Oct 20"),
        ("mx CRON[12]: (root) CMD (true)", "Oct 20"),
        (SMTPD, "Oct 20"),
        (REFUSAL, "2026-10-20"),
    ],
    ids=["imap", "warnings", "cron", "a server that is not read", "refusals"],
)
@pytest.mark.parametrize("by", [{}, {"message_id": None, "sender": ANN}])
def test_a_log_in_which_no_message_is_ever_taken_is_silent_of_all(tmp_path, form, day, by):
    report = of_file(tmp_path, every_ten_minutes(form, day=day), **by)
    assert fates(report) == {BOB: "unknown"}
    assert "no line of" in report.answer.summary


def test_beside_a_log_that_shows_what_is_taken_such_a_log_does_no_harm(tmp_path):
    (tmp_path / "auth.log").write_text("".join(line(60 * at, "sshd[9]: Connection closed") for at in range(-200, 200)))
    write(tmp_path, mail_log=idle())
    report = ask(tmp_path, message_id=ID, to=BOB, around=AROUND, window=HOURS)
    assert fates(report) == {BOB: "never-seen"}
    assert "did not get it by mx:" in report.answer.summary


def test_a_hand_over_is_not_called_lost_by_a_log_of_refusals(tmp_path):
    reject = (
        "postfix/smtpd[1]: NOQUEUE: reject: RCPT from x.example[192.0.2.99]: 554 5.7.1 <zz@corp.example>: Relay access "
        "denied; from=<x@y.example> to=<zz@corp.example> proto=ESMTP helo=<x.example>"
    )
    refusals = [line(600 * at, reject, host="inner") for at in range(-36, 37)]
    reply = "250 2.0.0 Ok: queued as 77AABB"
    handed = tried("4QpZ1", BOB, "sent", reply, dsn="2.0.0", relay="inner.corp.example[192.0.2.25]:25")
    write(tmp_path, mail_log=idle() + received("4QpZ1") + [handed], inner_log=refusals)
    assert fates(ask(tmp_path, message_id=ID, to=BOB)) == {BOB: "handed-over"}


def for_two(queue_id="4QpZ1", **more):
    return [one.replace("nrcpt=1", "nrcpt=2") for one in received(queue_id, **more)]


@pytest.mark.parametrize("cut", ["", "postfix/lmtp[103]: 4QpZ1: to=<eve@corp.exa"])
def test_who_is_one_of_more_recipients_than_are_named_is_not_called_missing(tmp_path, cut):
    lines = [line(2, cut)] if cut else []
    report = named(tmp_path, *for_two(), saved("4QpZ1", BOB), *lines, to=EVE)
    assert fates(report) == {EVE: "unknown"}
    assert "mx took it for 2 recipients, and the logs say of 1 only" in report.answer.summary
    assert fates(named(tmp_path, *received("4QpZ1"), saved("4QpZ1", BOB), to=EVE)) == {EVE: "never-seen"}


IDLE_EXIM = every_ten_minutes(
    "1vAbCc-000000004Ef-2GhI <= x@y.example H=x.example [192.0.2.9] P=esmtp S=9 id=x@y.example", day="2026-10-20"
)
IDLE_SENDMAIL = every_ten_minutes(
    "mx sm-mta[101]: 5AKx01bc012345: from=<x@y.example>, size=1, class=0, nrcpts=1, msgid=<x@y.example>, proto=ESMTP, "
    "daemon=MTA, relay=y.example [192.0.2.10]"
)
EXIM = "2026-10-20 10:00:0{} 1vAbCd-000000004Ef-2GhI {}"
ARRIVAL = "<= ann@sender.example H=out.sender.example [192.0.2.10] P=esmtp S=1234 id=abc@sender.example for {}"
SENDMAIL = "Oct 20 10:00:0{} mx sm-mta[101]: 5AKA01bc012345: {}"
FROM = (
    "from=<ann@sender.example>, size=1234, class=0, nrcpts={}, msgid=<abc@sender.example>, proto=ESMTPS, daemon=MTA, "
    "relay=out.sender.example [192.0.2.10]"
)
TO = "to=<bob@corp.example>, delay=00:00:01, mailer=local, pri=31234, dsn=2.0.0, stat=Sent"


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        ([EXIM.format(0, ARRIVAL.format(f"{BOB} {EVE}"))], "unknown"),
        ([EXIM.format(0, ARRIVAL.format(BOB))], "never-seen"),
        # An alias that two addresses stand behind is one recipient.
        ([EXIM.format(0, ARRIVAL.format(f"{BOB} {EVE}")), EXIM.format(2, f"=> joe <{BOB}> R=user T=mbox")], "unknown"),
    ],
)
def test_exim_names_how_many_it_was_for(tmp_path, lines, outcome):
    lines = [*IDLE_EXIM, *lines, EXIM.format(1, f"=> bob <{BOB}> R=localuser T=local_delivery")]
    assert fates(of_file(tmp_path, lines, to=EVE)) == {EVE: outcome}


@pytest.mark.parametrize(("count", "outcome"), [(2, "unknown"), (1, "never-seen")])
def test_sendmail_names_how_many_it_was_for(tmp_path, count, outcome):
    lines = [*IDLE_SENDMAIL, SENDMAIL.format(0, FROM.format(count)), SENDMAIL.format(1, TO)]
    assert fates(of_file(tmp_path, lines, to=EVE)) == {EVE: outcome}


def refused(at, code="550 5.7.1", words="Recipient address rejected: Policy"):
    return line(
        at,
        f"postfix/smtpd[100]: NOQUEUE: reject: RCPT from out.sender.example[192.0.2.7]: {code} <{BOB}>: {words}; "
        f"from=<{ANN}> to=<{BOB}> proto=ESMTP helo=<out.sender.example>",
    )


RELAYED = tried("4QpZ1", BOB, "sent", "250 2.0.0 Ok: queued as 77AABB", dsn="2.0.0")
WAITING = tried("4QpZ1", BOB, "deferred", "connect to x[192.0.2.25]:25: Connection timed out", dsn="4.4.1")
GREY = ("450 4.2.0", "Recipient address rejected: Greylisted")


@pytest.mark.parametrize(
    ("fate", "refusal", "outcome", "words"),
    [
        (RELAYED, refused(300), "rejected", "the others: 1 handed over"),
        (WAITING, refused(300), "rejected", "the others: 1 deferred"),
        (RELAYED, refused(7000, *GREY), "deferred", "the others: 1 handed over"),
        (RELAYED, refused(-300, *GREY), "handed-over", "took it over"),
    ],
)
def test_what_is_refused_after_a_message_was_taken_is_another_one(tmp_path, fate, refusal, outcome, words):
    write(tmp_path, mail_log=idle() + received("4QpZ1") + [fate, refusal])
    report = ask(tmp_path / "mail.log", sender=ANN, to=BOB, around=AROUND, window=HOURS)
    assert fates(report) == {BOB: outcome}
    assert words in report.answer.summary


A_LABEL, U_LABEL = "bob@xn--bcher-kva.example", "bob@b\u00fccher.example"


@pytest.mark.parametrize(("asked", "there"), [(A_LABEL, U_LABEL), (U_LABEL, A_LABEL), (U_LABEL.upper(), A_LABEL)])
@pytest.mark.parametrize("by", [{"message_id": ID}, {"sender": ANN}])
def test_a_domain_is_the_same_in_unicode_and_as_a_labels(tmp_path, asked, there, by):
    write(tmp_path, mail_log=idle() + received("4QpZ1") + [saved("4QpZ1", there)])
    report = ask(tmp_path / "mail.log", to=asked, around=AROUND, window=HOURS, **by)
    assert list(fates(report).values()) == ["delivered"]


@pytest.mark.parametrize(("asked", "there"), [(A_LABEL, U_LABEL), (U_LABEL, A_LABEL)])
def test_a_copy_for_a_domain_in_unicode_is_found(tmp_path, asked, there):
    write(tmp_path, inbox_eml=copy(to=there))
    assert list(fates(ask(tmp_path, to=asked, around=AROUND)).values()) == ["delivered"]


MILTER = (
    "END-OF-MESSAGE from out.sender.example[192.0.2.7]: 5.7.1 Not wanted; from=<ann@sender.example> to=<{}> helo=<x>"
)
HEADER = (
    "postfix/cleanup[100]: 4QpZ1: reject: header Subject: Hi from out.sender.example[192.0.2.7]; "
    "from=<ann@sender.example> to=<{}> proto=ESMTP helo=<x>: 5.7.1 Not wanted"
)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (f"postfix/cleanup[100]: 4QpZ1: milter-reject: {MILTER}", "rejected"),
        (f"postfix/cleanup[100]: 4QpZ1: milter-discard: {MILTER}", "filtered"),
        (HEADER, "rejected"),
        # smtpd names nobody where what it refuses is for several, so this was for that one alone.
        (f"postfix/smtpd[100]: 4QpZ1: reject: {MILTER}", "never-seen"),
    ],
    ids=["rejected by a milter", "discarded by a milter", "rejected by a header check", "rejected by smtpd"],
)
def test_what_is_refused_as_a_whole_is_refused_for_all(tmp_path, said, outcome):
    lines = [*received("4QpZ1")[:2], line(1, said.format(BOB))]
    report = named(tmp_path, *lines, to=(BOB, EVE))
    whole = "filtered" if outcome == "filtered" else "rejected"
    assert fates(report) == {BOB: whole, EVE: outcome}


def test_what_is_held_as_a_whole_and_released_is_held_no_more(tmp_path):
    hold = f"postfix/cleanup[100]: 4QpZ1: milter-hold: {MILTER.format(BOB)}"
    assert fates(named(tmp_path, *received("4QpZ1")[:2], line(1, hold), to=EVE)) == {EVE: "quarantined"}
    freed = [line(60, "postfix/postsuper[5]: 4QpZ1: released from hold"), saved("4QpZ1", EVE, at=61)]
    report = named(tmp_path, *received("4QpZ1")[:2], line(1, hold), *freed, to=(BOB, EVE))
    assert fates(report)[EVE] == "delivered"


def seconds(lines):
    """Cut the times to whole seconds, as classic syslog has them."""
    return [f"{one[:19]}{one[26:]}" for one in lines]


RSPAMD = (
    "rspamd[55]: <a1b2c3>; task; rspamd_task_write_log: id: <abc@sender.example>, qid: <4QpZ1>, ip: 192.0.2.7, "
    "from: <ann@sender.example>, (default: T (reject): [17.20/15.00] [SPAM(7.20){}]), len: 1234, time: 12.3ms, "
    "dns req: 5, digest: <00112233445566778899aabbccddeeff>, rcpts: <bob@corp.example>, mime_rcpts: <bob@corp.example>"
)


@pytest.mark.parametrize(("fate", "outcome"), [(RELAYED, "handed-over"), (WAITING, "deferred")])
def test_what_a_filter_would_refuse_and_the_server_handed_on_was_not_refused(tmp_path, fate, outcome):
    report = named(tmp_path, *seconds([*received("4QpZ1"), line(1, RSPAMD), fate]))
    assert fates(report) == {BOB: outcome}


def amavis(word, actions, more=""):
    return line(
        0.9,
        f"amavis[66]: (00066-07) {word} SPAM {{{actions}}}, [192.0.2.7]:40000 [192.0.2.7] <ann@sender.example> -> "
        f"<bob@corp.example>,<eve@corp.example>, Queue-ID: 4QpZ1, Message-ID: <abc@sender.example>, mail_id: x, "
        f"Hits: 12.3, size: 1234{more}, 321 ms",
    )


FILTER = "127.0.0.1[127.0.0.1]:10024"
INSIDE = "localhost[127.0.0.1]"


@pytest.mark.parametrize(
    "said",
    [
        amavis("Blocked", "DiscardedInbound,RelayedTaggedInbound"),
        amavis("Passed", "DiscardedInbound,RelayedTaggedInbound", ", queued_as: 4QpZ2"),
    ],
)
def test_a_filter_that_served_two_unlike_is_not_said_to_have_served_them_alike(tmp_path, said):
    thrown = "250 2.7.0 Ok, discarded, id=00066-07 - SPAM"
    passed = "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4QpZ2"
    report = named(
        tmp_path,
        *for_two(),
        said,
        tried("4QpZ1", BOB, "sent", thrown, dsn="2.7.0", service="lmtp", relay=FILTER),
        tried("4QpZ1", EVE, "sent", passed, dsn="2.0.0", service="lmtp", relay=FILTER),
        *received("4QpZ2", at=0.8, client=INSIDE),
        saved("4QpZ2", EVE, at=2),
        to=(BOB, EVE),
    )
    assert fates(report) == {BOB: "filtered", EVE: "delivered"}


DSPAM = "127.0.0.1[127.0.0.1]:2424"
TAKEN = "250 2.6.0 <bob@corp.example> Message accepted for delivery"
FULL = "host mail.corp.example[192.0.2.30] said: 552 5.2.2 Mailbox full"


def test_a_filter_that_takes_it_as_a_mailbox_does_is_none_if_it_came_in_again(tmp_path):
    filtered = tried("4QpZ1", BOB, "sent", TAKEN, dsn="2.6.0", service="lmtp", relay=DSPAM)
    again = received("4QpZ2", at=0.8, client=INSIDE)
    back = tried("4QpZ2", BOB, "bounced", FULL, dsn="5.2.2", at=2)
    assert fates(named(tmp_path, *received("4QpZ1"), filtered, *again, back)) == {BOB: "bounced"}
    put = saved("4QpZ2", BOB, at=2)
    assert fates(named(tmp_path, *received("4QpZ1"), filtered, *again, put)) == {BOB: "delivered"}


def test_who_forwards_what_he_got_has_it_all_the_same(tmp_path):
    """A script of his sends it on from the same machine, and that comes back."""
    again = received("4QpZ2", at=0.8, client=INSIDE)
    back = tried("4QpZ2", "bob@home.example", "bounced", FULL, dsn="5.2.2", at=2)
    report = named(tmp_path, *received("4QpZ1"), saved("4QpZ1", BOB), *again, back)
    assert fates(report) == {BOB: "delivered"}


def test_a_filter_behind_a_transport_of_exims_is_no_mailbox(tmp_path):
    scanned = "<= ann@sender.example U=mail P=spam-scanned S=1500 id=abc@sender.example for bob@corp.example"
    lines = [
        *IDLE_EXIM,
        EXIM.format(0, ARRIVAL.format(BOB)),
        EXIM.format(1, scanned).replace("1vAbCd", "1vAbCe"),
        EXIM.format(2, f"=> bob <{BOB}> R=spamcheck_router T=spamcheck"),
        EXIM.format(3, f"** {BOB} R=localuser T=local_delivery: mailbox is full (552)").replace("1vAbCd", "1vAbCe"),
    ]
    assert fates(of_file(tmp_path, lines)) == {BOB: "bounced"}


def test_a_list_manager_is_no_mailbox(tmp_path):
    by_exim = [EXIM.format(0, ARRIVAL.format(BOB)), EXIM.format(1, f"=> bob <{BOB}> R=lists T=mailman_transport")]
    report = of_file(tmp_path, [*IDLE_EXIM, *by_exim])
    assert fates(report) == {BOB: "handed-over"}
    assert report.answer.summary.startswith("A program on the server took it over")
    lists = tried("4QpZ1", BOB, "sent", "250 Ok", dsn="2.0.0", service="lmtp", relay="127.0.0.1[127.0.0.1]:8024")
    report = named(tmp_path, *received("4QpZ1"), lists)
    assert fates(report) == {BOB: "handed-over"}
    assert "on mx itself" in report.answer.summary


def test_a_queue_id_that_was_anothers_before_the_log_begins(tmp_path):
    earlier = tried("ABC12", BOB, "bounced", FULL, dsn="5.2.2", at=-1800)
    ours = tried("ABC12", BOB, "sent", "250 2.0.0 Ok: queued as 77AABB", dsn="2.0.0")
    assert fates(named(tmp_path, earlier, *received("ABC12"), ours)) == {BOB: "handed-over"}


FORWARDED = (
    "to=<carol@home.example>, ctladdr=<bob@corp.example> (1001/1001), delay=00:00:01, mailer=esmtp, pri=31234, "
    "relay=mx.home.example. [192.0.2.1], dsn={}, stat={}"
)


@pytest.mark.parametrize("by", [{}, {"message_id": None, "sender": ANN}])
@pytest.mark.parametrize(
    ("dsn", "said", "outcome", "words"),
    [
        ("2.0.0", "Sent (Ok: queued as 153053D)", "handed-over", "mx.home.example[192.0.2.1] took it over"),
        ("5.2.2", "Service unavailable", "bounced", "did not get it"),
    ],
)
def test_whom_sendmail_forwards_for_is_the_recipient(tmp_path, by, dsn, said, outcome, words):
    lines = [*IDLE_SENDMAIL, SENDMAIL.format(0, FROM.format(1)), SENDMAIL.format(1, FORWARDED.format(dsn, said))]
    report = of_file(tmp_path, lines, **by)
    assert fates(report) == {BOB: outcome}
    assert words in report.answer.summary


def test_who_sends_is_no_recipient_in_sendmails_log(tmp_path):
    own = FORWARDED.replace("bob@corp.example", ANN).format("2.0.0", "Sent (Ok: queued as 153053D)")
    lines = [*IDLE_SENDMAIL, SENDMAIL.format(0, FROM.format(1)), SENDMAIL.format(1, own)]
    assert fates(of_file(tmp_path, lines, to=())) == {"carol@home.example": "handed-over"}


def test_what_sendmail_holds_was_not_sent_back(tmp_path):
    held = "to=<bob@corp.example>, delay=00:00:01, mailer=local, pri=31234, quarantine=spam, stat=quarantined"
    lines = [*IDLE_SENDMAIL, SENDMAIL.format(0, FROM.format(1)), SENDMAIL.format(1, held)]
    assert fates(of_file(tmp_path, lines)) == {BOB: "quarantined"}


TRACE = "Received,SenderAddress,RecipientAddress,Subject,Status,ToIP,FromIP,Size,MessageId,MessageTraceId\n"
ROW = "2026-10-20T{},ann@sender.example,{},Hi,{},,192.0.2.9,99,<{}>,bb1\n"


def test_a_group_whose_members_have_rows_of_their_own_is_not_called_missing(tmp_path):
    idle_rows = [
        ROW.format(f"{hour:02}:{minute:02}:30", "z@corp.example", "Delivered", f"x{hour}{minute}@y.example")
        for hour in range(6, 16)
        for minute in range(0, 60, 10)
    ]
    rows = [("all@corp.example", "Expanded"), (BOB, "Delivered")]
    ours = [ROW.format("10:00:00", to, status, "abc@sender.example") for to, status in rows]
    (tmp_path / "trace.csv").write_text(TRACE + "".join(idle_rows + ours))
    report = ask(tmp_path / "trace.csv", message_id=ID, to=("all@corp.example", EVE), around=AROUND, window=HOURS)
    assert fates(report) == {"all@corp.example": "unknown", EVE: "never-seen"}
    assert "trace.csv:62" in report.recipients[0].explanation


@pytest.mark.parametrize(
    "said",
    [
        (
            "postfix/smtpd[9]: NOQUEUE: reject: MAIL from out.sender.example[192.0.2.7]: 550 5.1.8 <ann@sender.example>: "
            "Sender address rejected: Domain not found; from=<ann@sender.example> proto=ESMTP helo=<x>"
        ),
        (
            "postfix/smtpd[9]: 4QpZ1: reject: DATA from out.sender.example[192.0.2.7]: 550 5.7.1 <DATA>: Data command "
            "rejected: no; from=<ann@sender.example> proto=ESMTP helo=<x>"
        ),
        (
            "exim[9]: 1vAbCd-000000004Ef-2GhI H=out.sender.example [192.0.2.7] F=<ann@sender.example> rejected after DATA: "
            "This message is spam"
        ),
    ],
)
def test_a_refusal_that_names_the_sender_alone_may_be_of_it(tmp_path, said):
    write(tmp_path, mail_log=[*idle(), line(3, said)])
    question = {"to": BOB, "window": HOURS}
    report = ask(tmp_path / "mail.log", sender=ANN, around=AROUND, **question)
    assert fates(report) == {BOB: "unknown"}
    assert "something of this sender was refused, and the line does not say for whom" in report.answer.summary
    assert fates(ask(tmp_path / "mail.log", sender=ANN, around="2026-10-20 13:00", **question)) == {BOB: "never-seen"}
    other = ask(tmp_path / "mail.log", sender="eve@sender.example", around=AROUND, **question)
    assert fates(other) == {BOB: "never-seen"}


LATER = f"== {BOB} R=dnslookup T=remote_smtp defer (110): Connection timed out"
SENT = f'=> {BOB} R=dnslookup T=remote_smtp H=mx.x.example [192.0.2.1] C="250 OK id=1"'


@pytest.mark.parametrize(
    ("said", "outcome", "words"),
    [
        ([LATER, "Frozen"], "deferred", "it is frozen in the queue of the server"),
        ([LATER, "Message is frozen"], "deferred", "it is frozen in the queue of the server"),
        ([SENT, "Frozen (delivery error message)"], "handed-over", "took it over"),
        ([LATER, "Frozen", "Unfrozen by forced delivery", SENT], "handed-over", "took it over"),
    ],
)
def test_what_is_frozen_is_not_said_to_be_tried(tmp_path, said, outcome, words):
    lines = [EXIM.format(0, ARRIVAL.format(BOB)), *(EXIM.format(at, one) for at, one in enumerate(said, 1))]
    report = of_file(tmp_path, [*IDLE_EXIM, *lines])
    assert fates(report) == {BOB: outcome}
    assert words in report.answer.summary
    assert "goes on trying" not in report.answer.summary


TRACKING = "#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,source,event-id,"
TRACKING += (
    "internal-message-id,message-id,recipient-address,recipient-status,related-recipient-address,sender-address\n"
)


def test_whom_exchange_redirects_for_is_the_recipient(tmp_path):
    row = "2026-10-20T10:00:0{},10.0.0.1,ex1,192.0.2.9,mx.home.example,,{},{},7,<abc@sender.example>,{},,{},ann@x.example\n"
    carol = "carol@home.example"
    rows = [
        row.format(0, "SMTP", "RECEIVE", BOB, ""),
        row.format(1, "ROUTING", "REDIRECT", carol, BOB),
        row.format(2, "SMTP", "SENDEXTERNAL", carol, ""),
    ]
    (tmp_path / "track.log").write_text(TRACKING + "".join(rows))
    report = ask(tmp_path / "track.log", message_id=ID, to=BOB)
    assert fates(report) == {BOB: "handed-over"}
    assert f"took it over for {BOB} (as {carol})" in report.answer.summary


GOOGLE = "Message ID,Sender,Recipient address,Event target,Event date,Event status\n"


@pytest.mark.parametrize(
    ("target", "status", "outcome"),
    [
        ("SMTP_OUT", "UNDELIVERED", "bounced"),
        ("SMTP_OUT", "Failed", "bounced"),
        ("SMTP_OUT", "Transient failure", "deferred"),
        ("SMTP_OUT", "In progress", "deferred"),
        ("GMAIL_INBOX", "FAILED", "bounced"),
        ("GMAIL_INBOX", "DELIVERED", "delivered"),
        ("GMAIL_TRASH", "DELIVERED", "delivered"),
    ],
)
def test_what_google_did_not_deliver_is_not_delivered(tmp_path, target, status, outcome):
    row = f"abc@sender.example,{ANN},{BOB},{target},2026/10/20 10:00:00 UTC,{status}\n"
    (tmp_path / "google.csv").write_text(GOOGLE + row)
    assert fates(ask(tmp_path / "google.csv", message_id=ID, to=BOB)) == {BOB: outcome}


def store(said, at=5, user=BOB, agent="imap", session="sess"):
    return line(at, f"dovecot: {agent}({user})<9><{session}>: {said}")


USED = "{}: box={}, uid=10, msgid=<abc@sender.example>, size=1234"
PUT = "sieve: msgid=<abc@sender.example>: stored mail into mailbox '{}'"


@pytest.mark.parametrize(
    ("said", "to", "outcome", "words"),
    [
        (store(USED.format("expunge", "INBOX")), BOB, "delivered", "it was in INBOX on"),
        (store(USED.format("delete", "Junk")), BOB, "filtered", "but it was in Junk on"),
        # What the sender put away himself.
        (store(USED.format("save", "Sent"), user=ANN), BOB, "never-seen", "name no recipient of it"),
        (store(USED.format("save", "Sent"), user=ANN), ANN, "never-seen", "name no recipient of it"),
    ],
)
def test_what_lay_in_the_mailbox_had_come_there(tmp_path, said, to, outcome, words):
    report = named(tmp_path, said, to=to)
    assert fates(report) == {to: outcome}
    assert words in report.answer.summary


def test_what_was_put_away_by_its_sender_has_no_recipient(tmp_path):
    report = named(tmp_path, store(USED.format("save", "Sent"), user=ANN), to=())
    assert (fates(report), report.answer.outcome) == ({}, "never-seen")


@pytest.mark.parametrize("session", ["kH3dNnE/12345", "another"])
def test_a_store_that_calls_the_mailbox_by_the_users_name_is_believed(tmp_path, session):
    junk = store(PUT.format("Junk"), at=0.9, user="bob", agent="lmtp", session=session)
    lines = [*received("4QpZ1"), saved("4QpZ1", BOB), junk]
    assert fates(named(tmp_path, *lines)) == {BOB: "filtered"}
    assert fates(named(tmp_path, *lines, to=())) == {BOB: "filtered"}


def test_two_users_of_one_name_are_told_apart_by_the_session(tmp_path):
    other = "bob@home.example"
    junk = store(PUT.format("Junk"), at=0.9, user="bob", agent="lmtp", session="kH3dNnE/77")
    his = saved("4QpZ1", other).replace("/12345 Saved", "/77 Saved")
    lines = [*for_two(), saved("4QpZ1", BOB), his, junk]
    assert fates(named(tmp_path, *lines, to=(BOB, other))) == {BOB: "delivered", other: "filtered"}
    unknown = junk.replace("kH3dNnE/77", "neither")
    assert fates(named(tmp_path, *lines[:-1], unknown, to=(BOB, other))) == {BOB: "delivered", other: "delivered"}


def test_a_copy_whose_message_id_has_a_comment_is_found(tmp_path):
    write(tmp_path, inbox_eml=copy(message_id=f"{ID} (added by relay)"))
    assert fates(ask(tmp_path, message_id=ID, to=BOB)) == {BOB: "delivered"}


def test_what_waited_long_before_the_logs_end_is_not_said_to_be_tried(tmp_path):
    lines = idle(until=6 * 24)
    write(tmp_path, mail_log=[*lines, *received("4QpZ1"), WAITING])
    report = ask(tmp_path / "mail.log", message_id=ID, to=BOB)
    assert fates(report) == {BOB: "deferred"}
    assert "goes on trying" not in report.answer.summary
    assert "whether it waits still is not known" in report.answer.summary
    assert report.answer.next_steps == ("Ask the administrator of mx whether id 4QpZ1 waits still.",)


def test_among_very_many_recipients_too_the_store_is_believed(tmp_path, monkeypatch):
    monkeypatch.setattr(narrow, "MANY", 1)
    junk = store(PUT.format("Junk"), at=0.9, user="bob", agent="lmtp", session="kH3dNnE/12345")
    assert fates(named(tmp_path, *received("4QpZ1"), saved("4QpZ1", BOB), junk)) == {BOB: "filtered"}


SES = '{{"eventType": "Bounce", "mail": {{"source": "{}", "destination": ["{}"], "headers": "{}"}}}}\n'


@pytest.mark.parametrize(
    ("held", "by", "outcome"),
    [
        (SES.format(ANN, BOB, ID), {"message_id": ID}, "unknown"),
        (SES.format(ANN, BOB, ""), {"sender": ANN}, "unknown"),
        (SES.format("x@y.example", EVE, "<other@y.example>"), {"message_id": ID}, "never-seen"),
        (SES.format("x@y.example", EVE, "<other@y.example>"), {"sender": ANN}, "never-seen"),
        ("", {"message_id": ID}, "never-seen"),
    ],
)
def test_a_file_that_is_not_known_may_name_what_is_asked_for(tmp_path, monkeypatch, held, by, outcome):
    write(tmp_path, mail_log=idle(), ses_json=held)
    monkeypatch.chdir(tmp_path)
    query = Query(
        message_ids=(by["message_id"],) if "message_id" in by else (),
        senders=(by["sender"],) if "sender" in by else (),
        recipients=(BOB,),
        around=START,
    )
    settings = Settings(zone=UTC, zone_name="UTC", log_zone=UTC, now=NOW)
    report, opened = find(["mail.log", "ses.json"], at_time(query, HOURS), formats=FORMATS, settings=settings)
    assert fates(report) == {BOB: outcome}
    assert [name for name, _, _ in opened.faults] == ["ses.json"]
    if outcome == "unknown":
        assert "ses.json:1" in report.answer.summary


@pytest.mark.parametrize(
    "stage",
    [
        "RCPT from x.example[192.0.2.99]: 550 5.1.1 <eve@corp.example>: Recipient address rejected: no",
        "END-OF-MESSAGE from x.example[192.0.2.99]: 550 5.7.1 Not wanted",
    ],
)
def test_what_a_client_calls_itself_names_no_recipient(tmp_path, stage):
    said = (
        f"postfix/smtpd[9]: NOQUEUE: reject: {stage}; from=<x@y.example> to=<{EVE}> proto=ESMTP "
        f"helo=<x; from=<{ANN}> to=<{BOB}> proto=ESMTP helo=<y>"
    )
    write(tmp_path, mail_log=[*idle(), line(3, said)])
    assert fates(ask(tmp_path / "mail.log", sender=ANN, to=BOB, around=AROUND, window=HOURS)) == {BOB: "never-seen"}


@pytest.mark.parametrize("why", ["250 2.1.5 RESOLVER.GRP.Expanded; distribution list expanded", ""])
def test_a_group_that_exchange_leaves_behind_was_not_thrown_away(tmp_path, why):
    team = "all@corp.example"
    row = '2026-10-20T10:00:0{},10.0.0.1,ex1,10.0.0.2,ex1,,{},{},7,<abc@sender.example>,{},"{}",{},ann@x.example\n'
    rows = [
        row.format(0, "SMTP", "RECEIVE", team, "", ""),
        row.format(1, "ROUTING", "EXPAND", BOB, "", team),
        row.format(1, "ROUTING", "DROP", team, why, ""),
        row.format(2, "STOREDRIVER", "DELIVER", BOB, "", ""),
    ]
    (tmp_path / "track.log").write_text(TRACKING + "".join(rows))
    outcome = "delivered" if why else "filtered"
    assert fates(ask(tmp_path / "track.log", message_id=ID, to=team)) == {team: outcome}


@pytest.mark.parametrize(
    "other", ["CRON[9]: (root) CMD (true)", "dovecot: imap-login: Login: user=<bob>, rip=192.0.2.9, session=<aa>"]
)
def test_lines_of_other_programs_cover_no_time_of_the_mail_servers(tmp_path, other):
    others = [line(600 * tick, other) for tick in range(-48, 49)]
    write(tmp_path, syslog=[*others, *idle(since=-8, until=-4)])
    report = ask(tmp_path / "syslog", message_id=ID, to=BOB, around=AROUND, window=HOURS)
    assert fates(report) == {BOB: "unknown"}
    write(tmp_path, syslog=[*others, *idle()])
    report = ask(tmp_path / "syslog", message_id=ID, to=BOB, around=AROUND, window=HOURS)
    assert fates(report) == {BOB: "never-seen"}


ENHANCED = "origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,message_id\n"


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ("Receive, Expand", "unknown"),
        ("Receive, Expand, Drop", "unknown"),
        ("Receive, Drop", "filtered"),
        ("Receive, Deliver", "delivered"),
    ],
)
def test_a_group_in_an_enhanced_summary_neither_waits_nor_was_thrown_away(tmp_path, steps, outcome):
    row = '2026-10-20T10:{:02}:00Z,{},"{}##{};{}##Receive, Deliver",Hi,99,<{}>\n'
    idle_rows = [row.format(at, "x@y.example", EVE, "Receive, Deliver", EVE, f"{at}@y.example") for at in range(60)]
    ours = row.format(30, ANN, "all@corp.example", steps, BOB, "abc@sender.example")
    (tmp_path / "trace.csv").write_text(ENHANCED + "".join(idle_rows) + ours)
    question = {"message_id": ID, "around": "2026-10-20 10:30", "window": timedelta(minutes=20)}
    assert fates(ask(tmp_path / "trace.csv", to="all@corp.example", **question)) == {"all@corp.example": outcome}
    assert fates(ask(tmp_path / "trace.csv", to=BOB, **question)) == {BOB: "delivered"}


CAROL = "carol@home.example"
INNER = "inner.corp.example[192.0.2.5]:25"


def onward(*fates, people=(BOB,)):
    """Return the lines of a message that is handed over to `inner`, whose log is here, and what became of it there."""
    reply = "250 2.0.0 Ok: queued as 5AAAA1"
    handed = [tried("4QpZ1", one, "sent", reply, dsn="2.0.0", relay=INNER) for one in people]
    there = received("5AAAA1", at=1.1, host="inner", client="mx[192.0.2.1]")
    return [*received("4QpZ1"), *handed, *there, *fates]


def there(to, status="sent", **more):
    reply, dsn = ("250 2.0.0 Ok: queued as 77AABB", "2.0.0") if status == "sent" else (FULL, "5.2.2")
    return tried("5AAAA1", to, status, reply, dsn=dsn, at=2, host="inner", **more)


@pytest.mark.parametrize(
    ("lines", "outcome", "words"),
    [
        (onward(there(CAROL)), "handed-over", f"took it over for {BOB} (as {CAROL})"),
        (onward(there(CAROL, "bounced")), "bounced", "It was sent back by inner"),
        (onward(), "deferred", "it waits in the queue of inner"),
        # It is for two there, and this one's line is still to come.
        (
            [one.replace("nrcpt=1", "nrcpt=2") for one in onward(there("archive@corp.example"))],
            "handed-over",
            "took it over",
        ),
        # Whose of the two it is, nothing says; and that nobody is named would be false.
        (onward(there(CAROL), there("x@home.example", "bounced")), "handed-over", "took it over"),
        (onward(there(CAROL), there(EVE), people=(BOB, EVE)), "handed-over", "took it over"),
    ],
)
def test_who_is_called_otherwise_by_the_next_server_does_not_wait_there(tmp_path, lines, outcome, words):
    report = named(tmp_path, *lines)
    assert fates(report) == {BOB: outcome}
    assert words in report.answer.summary
    assert ("no try is logged" in report.answer.summary) == (outcome == "deferred")


def test_a_forwarding_of_the_server_itself_is_followed(tmp_path):
    out = tried("4QpZ1", BOB, "sent", "forwarded as 4QpZ2", dsn="2.0.0", service="local", relay="local")
    again = [one for one in received("4QpZ2", at=0.9) if "client=" not in one]
    report = named(tmp_path, *received("4QpZ1"), out, *again, saved("4QpZ2", CAROL, at=2), to=())
    assert fates(report) == {BOB: "delivered"}
    assert f"got it as {CAROL}" in report.answer.summary
