"""Real servers: what Postfix and Dovecot wrote of messages that were sent through them, and what find makes of it."""

import os
import smtplib
from datetime import UTC, datetime

import pytest

from mailtrace.delivery.find import Settings, find
from mailtrace.delivery.logs.formats import FORMATS
from mailtrace.delivery.query import Query
from tests.delivery.servers import LDA, POSTFIX, SIEVE_PLUGIN, Servers

pytestmark = pytest.mark.server


@pytest.fixture(name="servers", scope="module")
def start_servers():
    missing = [str(path) for path in (POSTFIX, LDA, SIEVE_PLUGIN) if not path.exists()]
    reason = (
        f"not there: {', '.join(missing)}" if missing else "Postfix is started by root only" if os.geteuid() else None
    )
    if reason is not None:
        if os.environ.get("MAILTRACE_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    servers = Servers()
    try:
        yield servers
    finally:
        servers.stop()


def ask(servers, message_id=None, *, to=(), sender=None):
    log = servers.base / "log" / "mail.log"
    query = Query(message_ids=(message_id,) if message_id else (), recipients=to, senders=(sender,) if sender else ())
    # Postfix writes classic syslog times here, without year and zone: those of this machine.
    now = datetime.now().astimezone()
    settings = Settings(zone=UTC, zone_name="UTC", log_zone=now.tzinfo, now=now.astimezone(UTC))
    report, opened = find([str(log), str(servers.base / "mail")], query, formats=FORMATS, settings=settings)
    assert not opened.faults
    return report


def outcomes(report):
    return {one.address: str(one.outcome) for one in report.recipients}


def test_delivered_and_in_junk(servers):
    servers.send("<one@sender.example>", "bob@corp.example")
    servers.send("<two@sender.example>", "bob@corp.example", subject="cheap watches")
    for _ in range(2):
        servers.until("<bob@corp.example>", "status=sent")
    servers.until_found("Maildir/new", "one@sender.example")
    servers.until_found("Maildir/.Junk/new", "two@sender.example")
    report = ask(servers, "<one@sender.example>")
    assert outcomes(report) == {"bob@corp.example": "delivered"}
    assert (report.recipients[0].folder, report.messages[0].message_id) == ("INBOX", "<one@sender.example>")
    assert abs((report.events[0].time - datetime.now(UTC)).total_seconds()) < 120
    report = ask(servers, "<two@sender.example>")
    assert outcomes(report) == {"bob@corp.example": "filtered"}
    assert report.recipients[0].folder == "Junk"


def test_rejected(servers):
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        servers.send("<three@sender.example>", "nobody@corp.example")
    servers.until("reject: RCPT", "<nobody@corp.example>")
    report = ask(servers, sender="ann@sender.example", to=("nobody@corp.example",))
    assert outcomes(report) == {"nobody@corp.example": "rejected"}
    assert "no such address" in report.recipients[0].explanation


def test_several_recipients_with_fates_of_their_own(servers):
    people = ("eve@corp.example", "full@other.example", "slow@other.example", "joe@other.example")
    servers.send("<four@sender.example>", *people)
    for who, word in zip(people, ("sent", "bounced", "deferred", "sent"), strict=True):
        servers.until(f"to=<{who}>", f"status={word}")
    servers.until("sender non-delivery notification")
    servers.until("to=<ann@sender.example>", "status=sent")
    servers.until_found("eve/Maildir/new", "four@sender.example")
    report = ask(servers, "<four@sender.example>")
    assert outcomes(report) == dict(zip(people, ("delivered", "bounced", "deferred", "handed-over"), strict=True))
    fates = {one.address: one for one in report.recipients}
    assert "mailbox is full" in fates["full@other.example"].explanation
    assert "The sender was told by a bounce" in fates["full@other.example"].explanation
    assert any("7EF01C2D3E" in step for step in report.answer.next_steps)
    assert report.answer.outcome == "bounced"


def test_not_there(servers):
    assert outcomes(ask(servers, "<five@sender.example>", to=("bob@corp.example",))) == {"bob@corp.example": "unknown"}
