"""Words that do not go together: two servers' forms in one field, and protocols that no stranger speaks.

Spamware writes its made-up fields from templates, and mixes them. A server writes one form. Only what a server itself
writes counts, and never the from part, which holds what the client chose; but for CommuniGate, whose account stands
there.
"""

import re
from collections.abc import Iterator

from mailtrace.findings import Finding, FindingKind
from mailtrace.path.addresses import AddressKind, kind_of
from mailtrace.path.clauses import Clauses, read_clauses
from mailtrace.path.forms import of_form
from mailtrace.path.places import place_of, writer
from mailtrace.path.received import MAX_LENGTH
from mailtrace.path.rows import Row
from mailtrace.path.types import Hop, Received
from mailtrace.patterns import lazy
from mailtrace.results import Confidence, Severity

MIXED = FindingKind(
    code="hop-dialects-mixed",
    title="One field has the marks of several kinds of server",
    severity=Severity.NOTICE,
    reference="RFC 5321 §4.4",
)
PROTOCOL_ODD = FindingKind(
    code="hop-protocol-odd",
    title="A protocol that is not spoken with strangers stands beside a public address",
    severity=Severity.NOTICE,
    reference="RFC 5321 §4.4",
)

_MARKS = {
    "Postfix": lazy(r"Postfix$"),
    "Exim": lazy(r"Exim \d"),
    "Sendmail": lazy(r"8\.\d{1,2}\.\d{1,2}[\w.+-]{0,20}/8\.\d"),
    "qmail": lazy(r"qmail \d+ invoked"),
    "CommuniGate": lazy(r"CommuniGate"),
    "Coremail": lazy(r"Coremail"),
}
_ACCOUNT = lazy(r"account \S{1,200} HELO ")
_MAYBE = lazy(r"\((?:Postfix\)|Exim \d|8\.\d+\.\d+|qmail \d|CommuniGate|Coremail|account \S)")
_LIMIT = 300
_NOT_WITH_STRANGERS = {
    "local": "a hand-over inside one machine",
    "qmqp": "qmail's protocol between servers of one owner",
    "nnfmp": "Yahoo's protocol between its own servers",
}


def is_odd_wording(row: Row) -> bool:
    """Tell whether there may be words in such fields that do not go together."""
    is_strange = (row.received.protocol or "").lower() in _NOT_WITH_STRANGERS
    return is_strange or len(_software(row.received)) > 1


def observe_wording(hop: Hop, row: Row) -> Iterator[Finding]:
    """Say what does not go together in a field."""
    if len(found := _software(row.received)) > 1:
        yield MIXED.found(
            f"The field of {writer(hop)} has the marks of {' and '.join(found)}.",
            place_of(hop),
            confidence=Confidence.MEDIUM,
        )
    word = (hop.received.protocol or "").lower()
    address = hop.received.client_ip
    if word not in _NOT_WITH_STRANGERS or address is None or kind_of(address) is not AddressKind.PUBLIC:
        return
    if word != "nnfmp" or hop.software != "Yahoo":
        yield PROTOCOL_ODD.found(
            f"By its field, {writer(hop)} took it from {address} by {word.upper()}: {_NOT_WITH_STRANGERS[word]}.",
            place_of(hop),
            confidence=Confidence.LOW,
        )


@of_form
def _software(received: Received) -> tuple[str, ...]:
    """Name the software whose marks a field has. Read again only if two marks seem to be there at all."""
    text = received.text[:MAX_LENGTH]
    if text.count("(") < 2 or len(_MAYBE.findall(text)) < 2:
        return ()
    clauses, comments = read_clauses(text)
    words = clauses.text("with") or ""
    found = [name for name, mark in _MARKS.items() if _has(clauses, mark)]
    found += ["CommuniGate"] if any(_ACCOUNT.match(comment[:_LIMIT]) for comment in comments[:16]) else []
    found += ["Exchange"] if words.startswith("Microsoft SMTP") else []
    return tuple(dict.fromkeys(found))


def _has(clauses: Clauses, mark: re.Pattern[str]) -> bool:
    return any(mark.match(comment[:_LIMIT]) for comment in clauses.comments[:16])
