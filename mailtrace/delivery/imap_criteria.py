"""What a server is asked to search for (RFC 3501 §6.4.4): less than what is wanted, and never more. Pure.

A search only spares the reading of header sections, so a criterion stands here only where it cannot lose a match. A
field that holds a text is one (`HEADER`). `SUBJECT` is none: servers need not undo its encoding. `BEFORE` is none: mail
that was moved to another server may bear the day of the move. `SINCE` is one, beside the day that the message states.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from mailtrace.delivery.query import Query, folded

Criteria = list[Any]
"""As imapclient takes them: words, dates, and lists of these in parentheses."""

_SPARE = timedelta(days=2)
"""Days are compared without their time and zone (RFC 3501 §6.4.4), and clocks are off."""
_MANY = 24
"""Criteria that are asked for at once; with more, header sections are read instead."""
_PLAIN = re.compile(r"[!#$&'+-\[\]-z|}~]{3,200}")
"""What needs no quoting: the characters of an atom, and `]` (RFC 3501 §9, ASTRING-CHAR)."""

_OF_SENDER = ("From", "Sender", "Return-Path")
_OF_RECIPIENT = (
    "To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "X-Rcpt-To",
    "Received",
)  # fmt: skip
# What `header_says_report` goes by, as far as a server can be asked for it: in ASCII, without decoding.
_SERVERS = ("mailer-daemon", "mailerdaemon", "postmaster", "post_master")
_OF_REPORTS = (
    ("Content-Type", "multipart/report"),
    ("X-Failed-Recipients", ""),
    *(("Return-Path", name) for name in _SERVERS),
    *(
        ("From", name)
        for name in (*_SERVERS, "mail deliver", "ndr admin", "system administrator", "noreply", "no-reply")
    ),
)
_CONTAINERS = (("Content-Type", "multipart/mixed"), ("Content-Type", "message/rfc822"))
_SUBJECTS = ("deliver", "return", "fail", "error", "bounce", "unzustellbar", "user unknown")


def of_copies(query: Query, message_ids: Iterable[str]) -> Criteria:
    """Say which messages of a folder may be the one that is asked for."""
    by_id = [("Message-ID", _part(one)) for one in sorted({*query.message_ids, *message_ids})]
    if query.message_ids:
        return _any(by_id)
    if not (query.senders or query.recipients or query.subject):
        return _any(by_id)
    by_fields = [
        *_about(_OF_SENDER, query.senders),
        *_about(_OF_RECIPIENT, query.recipients),
        *_since(query),
    ] or ["ALL"]
    return ["OR", _any(by_id), by_fields] if by_id else by_fields


def of_reports(query: Query) -> Criteria:
    """Say which messages of a folder may be a bounce or a receipt."""
    # Null, or not there at all: any but one that holds an address.
    null_path = [["HEADER", "Return-Path", ""], ["NOT", ["HEADER", "Return-Path", "@"]]]
    passed_on = [_any(_CONTAINERS), _any([("Subject", word) for word in _SUBJECTS])]
    return [*_either([null_path, passed_on, _any(_OF_REPORTS)]), *_since(query)]


def _about(fields: Sequence[str], addresses: Sequence[str]) -> Criteria:
    # Behind `xn--` stands what others write in Unicode (RFC 6532 §3.2).
    pairs = [(field, _part(folded(one).partition("xn--")[0])) for one in addresses for field in fields]
    return _any(pairs) if pairs else []


def _any(pairs: Sequence[tuple[str, str | None]]) -> Criteria:
    """Ask for whatever has one of these texts in one of these fields; for everything where one cannot be asked for."""
    if len(pairs) > _MANY or any(text is None for _, text in pairs):
        return ["ALL"]
    if not pairs:
        return ["NOT", "ALL"]
    return _either([["HEADER", field, text] for field, text in pairs])


def _either(criteria: list[Criteria]) -> Criteria:
    """Join by OR, which takes two: as a tree, so that nothing is nested deeply."""
    if len(criteria) == 1:
        return criteria[0]
    half = len(criteria) // 2
    return ["OR", _either(criteria[:half]), _either(criteria[half:])]


def _part(text: str) -> str | None:
    """Return the longest part of a text that needs no quoting; None if there is none.

    >>> _part('<"a b"+bounces@corp.example>')
    '+bounces@corp.example'
    """
    return max(_PLAIN.findall(text.strip("<>")), key=len, default=None)


def _since(query: Query) -> Criteria:
    if query.after is None:
        return []
    try:
        day: date = query.after.date() - _SPARE
    except OverflowError:
        return []
    return ["OR", ["SINCE", day], ["SENTSINCE", day]] if day.year >= 1970 else []
