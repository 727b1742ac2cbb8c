"""Matching: is a report about the message that is asked for, or about another one (backscatter)? Pure.

Best first: what came back bears the DKIM signature of what was sent; the envelope id that the sender gave; the
Message-ID, unless what came back is another message's; author, subject and date as they were sent. A report that names
no message at all is held to recipient and time, and that is said.
"""

from collections.abc import Iterable

from mailtrace.delivery.envelopes import stands_for
from mailtrace.delivery.query import LATE, Query, bracketed, folded
from mailtrace.delivery.report_types import Match, MatchedBy, Report
from mailtrace.delivery.sent import Sent

_SAME = frozenset({"From", "Subject", "Date"})


def match(report: Report, query: Query, message_ids: Iterable[str]) -> Match:
    """Say by what a report belongs to the message that is asked for."""
    agrees, differs = _compared(report, query.sent) if query.sent is not None else ((), ())
    ids = frozenset(message_ids)
    named = report.message_id is not None and report.message_id in ids
    if query.sent is not None and query.sent.signatures & report.returned.signatures:
        by: MatchedBy | None = MatchedBy.SIGNATURE
    elif _is_enveloped(report, query, ids):
        by = MatchedBy.ENVELOPE_ID
    elif {"From", "Date"}.intersection(differs):
        by = None  # it quotes the Message-ID, or names none, and what came back is not what was sent
    elif named:
        by = MatchedBy.MESSAGE_ID
    elif _SAME.issubset(agrees):
        by = MatchedBy.HEADER  # some services give a message another Message-ID than its sender's copy has
    elif report.message_id is not None and (query.message_ids or ids):
        by = None  # of another message: perhaps of one that only claims to be from here
    else:
        by = MatchedBy.ENVELOPE if _may_be(report, query) else None
    if named and query.sent is not None:
        agrees = ("Message-ID", *agrees)
    return Match(by=by, agrees=agrees, differs=differs)


def _is_enveloped(report: Report, query: Query, ids: frozenset[str]) -> bool:
    """Compare the envelope id (RFC 3464 §2.2.1: case counts). Some senders use their Message-ID as one."""
    given = report.envelope_id
    return given is not None and (given in query.envelope_ids or bracketed(given) in ids)


def _may_be(report: Report, query: Query) -> bool:
    if not query.recipients:
        return False
    if not _may_be_from(report, query):
        return False
    people = {folded(one) for fate in report.fates for one in (fate.recipient, fate.original_recipient) if one}
    return (
        bool(people.intersection(map(folded, query.recipients)))
        and query.in_time(report.time, late=LATE)
        and query.has_subject(report.subject)
    )


def _may_be_from(report: Report, query: Query) -> bool:
    """Tell whether a report may be of the sender's message: a bounce goes to who sent, and brings back the author."""
    named = [*report.to, *([report.returned.author] if report.returned.author else [])]
    if not query.senders or not named:
        return True
    return any(stands_for(one) & set(map(folded, query.senders)) for one in named)


def _compared(report: Report, sent: Sent) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Compare field by field; what one side lacks is neither equal nor different."""
    back = report.returned
    pairs = (
        ("DKIM-Signature", bool(sent.signatures & back.signatures) or None, True),
        ("From", sent.author and folded(sent.author), back.author and folded(back.author)),
        ("To", sent.to and back.to and any(folded(one) in back.to.casefold() for one in sent.to), True),
        ("Subject", sent.subject and " ".join(sent.subject.split()), back.subject and " ".join(back.subject.split())),
        ("Date", sent.date, back.date),
    )
    known = [(name, mine == theirs) for name, mine, theirs in pairs if mine not in (None, "", ()) and theirs]
    return tuple(name for name, same in known if same), tuple(name for name, same in known if not same)
