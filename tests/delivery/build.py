"""Small log sets and mailboxes, written out for a test, and the question put to them."""

import functools
from datetime import UTC, datetime, timedelta

from mailtrace.delivery.find import Settings, find
from mailtrace.delivery.logs.formats import FORMATS
from mailtrace.delivery.query import DEFAULT_WINDOW, Query, at_time, bracketed, like, moment
from mailtrace.delivery.signed import seal_of
from mailtrace.message import parse
from mailtrace.resolver.offline import OfflineResolver

NOW = datetime(2026, 11, 1, tzinfo=UTC)
START = datetime(2026, 10, 20, 10, 0, 0, tzinfo=UTC)


def stamp(seconds):
    """Return a time as rsyslog writes it, so many seconds after ten o'clock."""
    return (START + timedelta(seconds=seconds)).isoformat(timespec="microseconds")


def line(seconds, rest, host="mx"):
    return f"{stamp(seconds)} {host} {rest}\n"


def idle(host="mx", since=-6, until=6):
    """Return a line every ten minutes: a log that covers some hours and says nothing of our message."""
    ticks = range(since * 6, until * 6 + 1)
    return [
        line(
            600 * tick,
            f"postfix/qmgr[9]: 4QIdle{tick + 100}zz: from=<x@other.example>, size=1, nrcpt=1 (queue active)",
            host,
        )
        for tick in ticks
    ]


def received(
    queue_id,
    message_id="<abc@sender.example>",
    sender="ann@sender.example",
    at=0.0,
    host="mx",
    client="out.sender.example[192.0.2.7]",
):
    return [
        line(at, f"postfix/smtpd[100]: {queue_id}: client={client}", host),
        line(at + 0.1, f"postfix/cleanup[101]: {queue_id}: message-id={message_id}", host),
        line(at + 0.2, f"postfix/qmgr[102]: {queue_id}: from=<{sender}>, size=1200, nrcpt=1 (queue active)", host),
    ]


def tried(
    queue_id,
    to,
    status,
    reply,
    *,
    dsn,
    at=1.0,
    host="mx",
    service="smtp",
    relay="mx.corp.example[192.0.2.25]:25",
    orig=None,
):
    alias = f" orig_to=<{orig}>," if orig else ""
    return line(
        at,
        f"postfix/{service}[103]: {queue_id}: to=<{to}>,{alias} relay={relay}, delay=0.8, delays=0.2/0/0.1/0.5, dsn={dsn}, "
        f"status={status} ({reply})",
        host,
    )


def saved(queue_id, to, at=1.0, **more):
    reply = f"250 2.0.0 <{to}> kH3dNnE/12345 Saved"
    return tried(
        queue_id, to, "sent", reply, dsn="2.0.0", at=at, service="lmtp", relay="mx[private/dovecot-lmtp]", **more
    )


COPY = """\
Return-Path: <ann@sender.example>
Delivered-To: {to}
Received: from mx by mx with LMTP id x; Tue, 20 Oct 2026 10:00:01 +0000
From: Ann <ann@sender.example>
To: {to}
Subject: Invoice 7
Message-ID: {message_id}
Date: Tue, 20 Oct 2026 09:59:58 +0000

Please find it attached.
"""


def copy(to="bob@corp.example", message_id="<abc@sender.example>"):
    return COPY.format(to=to, message_id=message_id)


def write(folder, **files):
    """Write files; a list of lines is a log. `a__b` is a in folder b of a Maildir `Maildir`."""
    for name, content in files.items():
        path = folder / name.replace("_", ".")
        text = "".join(sorted(content)) if isinstance(content, list) else content
        path.write_text(text, encoding="utf-8")
    return folder


def maildir(folder, *, box="", name="1.M1.mx:2,S", content=None):
    base = folder / "Maildir"
    for one in (base, base / box):
        for part in ("cur", "new", "tmp"):
            (one / part).mkdir(parents=True, exist_ok=True)
    (base / box / "cur" / name).write_text(content or copy(), encoding="utf-8")
    return base


def ask(
    *sources,
    message_id=None,
    sender=None,
    to=(),
    around=None,
    window=None,
    subject=None,
    zone=UTC,
    theirs=(),
    sent=None,
    envelope_id=None,
    dns=None,
    said=(),
    log_zone=UTC,
):
    """Put a question; return the report. `sent`: the octets of the sender's own copy."""
    query = Query(
        said=said,
        envelope_ids=(envelope_id,) if envelope_id else (),
        message_ids=(bracketed(message_id),) if message_id else (),
        senders=(sender,) if sender else (),
        recipients=(to,) if isinstance(to, str) else tuple(to),
        subject=subject,
        around=moment(around, UTC) if around else None,
    )
    if sent is not None:
        query = like(query, parse(sent), "sent.eml")
    query = at_time(query, window or DEFAULT_WINDOW)
    settings = Settings(
        zone=zone,
        zone_name=str(zone),
        log_zone=log_zone,
        now=NOW,
        theirs=tuple(str(one) for one in theirs),
        seal_of=functools.partial(seal_of, dns=dns or OfflineResolver()),
    )
    report, opened = find([str(one) for one in sources], query, formats=FORMATS, settings=settings)
    assert not opened.faults
    return report
