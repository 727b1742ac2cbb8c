"""What an SMTP reply says: the next server's own id for the message, an enhanced status code, greylisting.

RFC 5321 §4.2 gives a reply its number and RFC 2034 §4 its enhanced status code (RFC 3463); the id is everybody's own
habit, and the only thread from one server's log into the next.
"""

import re

REPLY_LIMIT = 2000
"""Characters of a reply that are looked at."""

# A sample of each form stands above it; the first that fits counts.
_IDS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        # Postfix: 250 2.0.0 Ok: queued as 4QpZ0y1xYzz9; after BDAT: 250 2.0.0 Ok: 361 bytes queued as 4QpZ0y1xYzz9
        r"\bqueued as ([\w.-]{4,64})",
        # Exim: 250 OK id=1vAbCd-000000004Ef-2GhI; GMX: 250 Requested mail action okay, completed: id=0MXYZ-1abc
        r"\bid=([\w.-]{4,64})",
        # Exchange: 250 2.6.0 <...> [InternalId=1234567890, Hostname=...] 9876 bytes in ... Queued mail for delivery
        r"\[InternalId=(\d{1,24})",
        # Sendmail, Proofpoint, OpenSMTPD: 250 2.0.0 5AKA01bc012345 Message accepted for delivery
        r"250 2\.0\.0 ([\w.-]{6,64}) Message accepted for delivery",
        # Gmail: 250 2.0.0 OK  1760954400 a1-20020ab12345si1234567xyz.123 - gsmtp
        r"\bOK  ?\d{9,11} ([\w.-]{6,80}) - gsmtp",
        # Dovecot's LMTP: 250 2.0.0 <bob@example.org> sAbCdEf123ghIJ Saved
        r"250 2\.0\.0 <[^<>\s]{1,320}> ([\w+/=:-]{6,64}) Saved",
        # Amazon SES: 250 Ok 0102018abc-...-000000
        r"250 Ok ([0-9a-f]{16}-[0-9a-f-]{36}-\d{6})",
        # qmail: 250 ok 1760954400 qp 12345
        r"\bok \d{9,11} (qp \d{1,10})",
        # Haraka: 250 Message Queued (12345678-ABCD-... )
        r"Message Queued \(([\w.-]{8,64})\)",
        # Cisco: 250 ok:  Message 123456789 accepted
        r"\bok:  ?Message (\d{4,16}) accepted",
    )
)
# A content filter quotes the reply that it got behind its own: 250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 ...
_STATUS = re.compile(r"(?<![\d.])([245])\d\d[ -]\(?#?(\1\.\d{1,3}\.\d{1,3})(?![\d.])", re.ASCII)
_CODE = re.compile(r"(?<![\d.:])([245])\d\d(?=[ -]|$)", re.ASCII)
_GREYLIST = re.compile(r"gr[ea]y[- ]?list|postgrey", re.IGNORECASE)


# Amavis, which has taken the message all the same: 250 2.7.0 Ok, discarded, id=01234-07 - SPAM
_DISCARDED = re.compile(r"250 2\.\d\.\d Ok, discarded\b")
# 250 2.5.0 Ok, id=01234-07, BOUNCE
_RETURNED = re.compile(r"250 2\.\d\.\d Ok, id=[\w-]{1,64}, BOUNCE\b")


def is_discarded(reply: str | None) -> bool:
    """Say whether a filter took the message only to throw it away, by its own words."""
    return _DISCARDED.match(reply or "") is not None


def is_returned(reply: str) -> bool:
    """Say whether a filter took the message and sent a bounce, by its own words."""
    return _RETURNED.match(reply) is not None


def next_queue_id(reply: str) -> str | None:
    """Return the id that the server which said so gave the message.

    >>> next_queue_id("250 2.0.0 Ok: queued as 4QpZ0y1xYzz9")
    '4QpZ0y1xYzz9'
    """
    text = reply[:REPLY_LIMIT]
    for form in _IDS:
        if match := form.search(text):
            return match[1].rstrip(".")
    return None


def status(reply: str) -> str | None:
    """Return the first enhanced status code that stands behind its reply code.

    >>> status("host mx.example.net[192.0.2.1] said: 450 4.2.0 <a@example.net>: Greylisted"), status("250 Ok")
    ('4.2.0', None)
    """
    match = _STATUS.search(reply[:REPLY_LIMIT])
    return match[2] if match else None


def is_temporary(reply: str) -> bool | None:
    """Say whether the reply code asks to try again (RFC 5321 §4.2.1); None where no code of a failure stands in it."""
    match = _CODE.search(reply[:REPLY_LIMIT])
    return None if match is None or match[1] == "2" else match[1] == "4"


def is_greylisting(reply: str) -> bool:
    """Say whether the words are those of greylisting (RFC 6647)."""
    return _GREYLIST.search(reply[:REPLY_LIMIT]) is not None
