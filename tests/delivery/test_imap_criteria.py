"""What a server is asked to search for loses nothing that is looked for."""

import email
import email.policy
import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.delivery.imap_criteria import of_copies, of_reports
from mailtrace.delivery.mailboxes import Wanted
from mailtrace.delivery.query import Query
from mailtrace.delivery.reports import header_says_report
from mailtrace.message import parse

DAY = datetime(2026, 10, 20, 10, tzinfo=UTC)


def fits(criteria, octets, arrived):
    """Search as RFC 3501 §6.4.4 says: all criteria of a list, text in a field without regard to case."""
    message = email.message_from_bytes(octets, policy=email.policy.compat32)
    rest = list(criteria)

    def one():
        word = rest.pop(0)
        if isinstance(word, list):
            return fits(word, octets, arrived)
        if word == "ALL":
            return True
        if word == "NOT":
            return not one()
        if word == "OR":
            first, second = one(), one()
            return first or second
        if word == "HEADER":
            name, text = rest.pop(0), rest.pop(0)
            # Unfolding takes the line ends away, and nothing else.
            values = [str(value).replace("\r", "").replace("\n", "") for value in message.get_all(name, [])]
            return any(text.lower() in value.lower() for value in values)
        assert word in ("SINCE", "SENTSINCE")
        day = rest.pop(0)
        assert type(day) is date
        if word == "SINCE":
            return arrived.date() >= day
        try:
            return parsedate_to_datetime(message["Date"]).date() >= day
        except (TypeError, ValueError):
            return False

    found = [one()]
    while rest:
        found.append(one())
    return all(found)


MESSAGES = [
    b"Message-ID: <abc@sender.example>\r\n\r\n",
    b"Message-ID:\r\n <abc@sender.example>\r\n\r\n",
    b"message-id: (a comment) <abc@sender.example>\r\n\r\n",
    b"From: Ann <ANN@sender.example>\r\nTo: bob@corp.example\r\n\r\n",
    b"Sender: ann@sender.example\r\nFrom: x@y.example\r\nCc: a@b.example,\r\n bob@corp.example\r\n\r\n",
    b"Return-Path: <ann@sender.example>\r\nDelivered-To: bob@corp.example\r\nFrom: x@y.example\r\n\r\n",
    b"From: ann@sender.example\r\nEnvelope-To: bob@corp.example\r\n\r\n",
    b"From: ann@sender.example\r\nReceived: from a by b\r\n for <bob@corp.example>; Tue, 20 Oct 2026 10:00:00 +0000\r\n\r\n",
    b"From: ann@sender.example\r\nTo: bob@corp.example\r\nDate: Tue, 20 Oct 2026 10:00:00 +0000\r\n\r\n",
    b"From: ann@sender.example\r\nTo: bob@corp.example\r\nDate: no date\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n",
    b"From: ann@sender.example\r\nTo: bob@corp.example\r\nSubject: two\r\n  words\r\n\r\n",
    b"From: x@y.example\r\nTo: eve@corp.example\r\n\r\n",
    b'Message-ID: <"a b"\\c@sender.example>\r\n\r\n',
    b"Message-ID: <a)(*%{b@sender.example>\r\n\r\n",
]
QUERIES = [
    Query(message_ids=("<abc@sender.example>",)),
    Query(message_ids=("<abc@sender.example>", '<"a b"\\c@sender.example>', "<a)(*%{b@sender.example>")),
    Query(message_ids=("<\xe9@>",)),
    Query(senders=("ann@sender.example",)),
    Query(recipients=("Bob@corp.example",)),
    Query(senders=("ann@sender.example",), recipients=("bob@corp.example", "eve@corp.example")),
    Query(senders=("ann@sender.example",), after=DAY, before=DAY),
    Query(senders=("ann@sender.example",), subject="grüße"),
    Query(subject="two words"),
    Query(recipients=(*(f"user{number}@corp.example" for number in range(30)), "bob@corp.example")),
    Query(envelope_ids=("QQ314",)),
    Query(),
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("octets", MESSAGES)
@pytest.mark.parametrize("arrived", [DAY, datetime(2031, 1, 1, tzinfo=UTC), datetime(2026, 10, 18, 10, tzinfo=UTC)])
def test_no_copy_is_lost(query, octets, arrived):
    for ids in (frozenset(), frozenset({"<abc@sender.example>"})):
        if Wanted(query, ids).is_it(parse(BytesIO(octets))):
            assert fits(of_copies(query, ids), octets, arrived)


def test_what_is_not_it_is_not_asked_for():
    """A search that names everything would lose nothing either."""
    query = Query(senders=("ann@sender.example",), recipients=("bob@corp.example",), after=DAY)
    assert fits(of_copies(query, ()), MESSAGES[8], DAY)
    assert not fits(of_copies(query, ()), MESSAGES[11], DAY)
    assert not fits(of_copies(query, ()), MESSAGES[3], datetime(2026, 10, 1, tzinfo=UTC))
    assert not fits(of_copies(Query(message_ids=("<other@x.example>",)), ()), MESSAGES[0], DAY)
    assert not fits(of_copies(Query(), ()), MESSAGES[0], DAY)
    assert not fits(of_reports(Query()), MESSAGES[8], DAY)


def test_an_envelope_id_stands_in_no_message():
    query = Query(envelope_ids=("QQ314",))
    assert not any(Wanted(query, frozenset()).is_it(parse(BytesIO(octets))) for octets in MESSAGES)
    assert not any(fits(of_copies(query, ()), octets, DAY) for octets in MESSAGES)


REPORTS = [
    b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\n",
    b"content-type:\r\n Multipart/Report;\r\n\treport-type=disposition-notification\r\n\r\n",
    b"Return-Path: <>\r\nFrom: x@y.example\r\n\r\n",
    b"Return-Path:\r\nFrom: x@y.example\r\n\r\n",
    b"Return-Path: <MAILER-DAEMON@y.example>\r\n\r\n",
    b"Return-Path: <postmaster@y.example>\r\n\r\n",
    b"X-Failed-Recipients: bob@corp.example\r\n\r\n",
    b"From: MailerDaemon@y.example\r\n\r\n",
    b"From: Mail Delivery Subsystem <x@y.example>\r\n\r\n",
    b"From: Post_Master\r\n\r\n",
    b"From: NDR Admin <x@y.example>\r\n\r\n",
    b"From: System Administrator <x@y.example>\r\n\r\n",
    b"From: no-reply@y.example\r\n\r\n",
    b"From: noreply@y.example\r\nSubject: =?utf-8?q?Unzustellbar?=\r\nContent-Type: text/html\r\n\r\n",
    b"Subject: Fwd: Undeliverable: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
    b"Subject: WG: failure notice\r\nContent-Type: message/rfc822\r\n\r\n",
    b"Subject: Delivery Status Notification\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
]


@pytest.mark.parametrize("octets", REPORTS)
def test_no_report_is_lost(octets):
    assert header_says_report(octets)
    assert fits(of_reports(Query()), octets, DAY)
    assert fits(of_reports(Query(after=DAY)), octets, DAY)
    assert not fits(of_reports(Query(after=DAY)), octets, datetime(2026, 10, 1, tzinfo=UTC))


@pytest.mark.suite
def test_no_report_of_many_servers_is_lost(suites):
    found = 0
    for path in sorted((suites / "dsn-mdn").rglob("*")):
        octets = path.read_bytes() if path.suffix in (".eml", ".txt") else b""
        head = re.split(rb"\r?\n\r?\n", octets, maxsplit=1)[0] + b"\n\n"
        if octets and header_says_report(head):
            found += 1
            assert fits(of_reports(Query()), head, DAY), path.name
    assert found > 60


@pytest.mark.parametrize(
    "octets",
    [
        b"From: shop@y.example\r\nSubject: Your order has been delivered\r\nContent-Type: text/html\r\n\r\n",
        b"From: ann@y.example\r\nSubject: Photos\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
        b"Return-Path: <ann@y.example>\r\nFrom: ann@y.example\r\n\r\n",
    ],
)
def test_other_mail_is_not_asked_for(octets):
    assert not fits(of_reports(Query()), octets, DAY)


@given(st.lists(st.text(), max_size=3), st.text(), st.text())
def test_nothing_in_a_question_is_a_command(message_ids, sender, recipient):
    query = Query(message_ids=tuple(message_ids), senders=(sender,), recipients=(recipient,))

    def words(criteria):
        for one in criteria:
            yield from words(one) if isinstance(one, list) else [one]

    for word in words(of_copies(query, ())):
        assert all(char.isascii() and char.isprintable() and char not in '(){%*"\\ ' for char in word)
