"""An RFC 1035 zone file, or the pasted output of `dig`, as a closed recording.

dnspython reads the syntax (§5.1), with $ORIGIN and $TTL and nothing more: $INCLUDE would read other files, $GENERATE
would make a small file large.
"""

import mailtrace.resolver._dnspython  # noqa: F401, I001 - before dnspython
import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.tokenizer
import dns.zonefile
from collections.abc import Callable
from typing import Any

from mailtrace.errors import RecordingError
from mailtrace.findings import excerpt
from mailtrace.resolver import Answer, Outcome, Question, RRType, canonical
from mailtrace.resolver.presentation import name_text, record_text
from mailtrace.resolver.recording_format import Recording

_DEFAULT_TTL = 3600
"""Seconds, where the file gives none."""
_DIRECTIVES = ("$ORIGIN", "$TTL")


class _Records:
    """What dnspython's reader writes into. Its own transactions look through the whole zone for each record."""

    def __init__(self) -> None:
        self.manager = self
        self.found: dict[tuple[str, str], dict[str, int]] = {}
        """By name and type: the records, each with its TTL."""

    def origin_information(self) -> tuple[dns.name.Name, bool, dns.name.Name]:
        """Begin at the root: a name is relative to it until $ORIGIN says otherwise."""
        return dns.name.root, False, dns.name.root

    def check_put_rdataset(self, check: Callable[..., None]) -> None:
        """Leave out the check that a CNAME stands alone: a record of the type asked for is the answer."""

    def _set_origin(self, origin: dns.name.Name) -> None:
        """Take note of nothing: the reader keeps the origin itself."""

    def add(self, name: dns.name.Name, ttl: int, rdata: dns.rdata.Rdata) -> None:
        """Take one record."""
        key = (canonical(name_text(name)), dns.rdatatype.to_text(rdata.rdtype))
        self.found.setdefault(key, {}).setdefault(record_text(rdata), ttl)


def read_zone(text: str) -> Recording:
    """Read a zone file. Raises RecordingError, with the line, if it is none."""
    try:
        found = _parse(text)
    except (dns.exception.DNSException, ValueError, RecursionError) as fault:
        reason = excerpt(str(fault) or type(fault).__name__)
        raise RecordingError(f"neither a DNS recording nor a zone file: {reason}") from fault
    if not found:
        raise RecordingError("neither a DNS recording nor a zone file: no records")
    answers = {
        Question(name, RRType(kind)): _answer(name, RRType(kind), records)
        for (name, kind), records in found.items()
        if kind in RRType.__members__
    }
    return Recording(answers=answers, names=frozenset(name for name, _ in found), closed=True)


def _parse(text: str) -> dict[tuple[str, str], dict[str, int]]:
    records: Any = _Records()
    reader = dns.zonefile.Reader(
        dns.tokenizer.Tokenizer(text, "zone"),
        dns.rdataclass.IN,
        records,
        allow_directives=_DIRECTIVES,
        default_ttl=_DEFAULT_TTL,
    )
    reader.read()
    return dict(records.found)


def _answer(name: str, rrtype: RRType, records: dict[str, int]) -> Answer:
    return Answer(
        name=name,
        rrtype=rrtype,
        outcome=Outcome.ANSWER,
        records=tuple(sorted(records)),
        ttl=min(records.values()),
    )
