"""The only door to checkdmarc: its comments on the SPF and DMARC records of a domain, off the path of the verdict.

It asks through our resolver alone: a name server object that puts our answers into DNS messages. Its caches are keyed
by name and shared by the whole process, so that a second recording would be given the first one's answers: they are
cleared around each use. Functions of it that fetch URLs (MTA-STS, BIMI) are never called.
"""

import mailtrace.resolver._dnspython  # noqa: F401, I001 - before dnspython
import dns.flags
import dns.message
import dns.name
import dns.nameserver
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.resolver
import dns.rrset
import logging
from collections.abc import Iterator
from typing import Any

import checkdmarc.dmarc
import checkdmarc.spf
import checkdmarc.utils

from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.resolver import Answer, Outcome, Resolver, RRType, unescape
from mailtrace.results import Confidence, Severity

COMMENT = FindingKind(
    code="published-record-comment",
    title="A comment on what the author domain publishes",
    severity=Severity.INFO,
    reference="RFC 7208 §4; RFC 9989 §4.7",
)
INCOMPLETE = FindingKind(
    code="published-record-unread",
    title="The author domain's records could not be commented on",
    severity=Severity.INFO,
    reference="RFC 7208 §4; RFC 9989 §4.7",
)

MAX_COMMENTS = 20
MAX_QUESTIONS = 80
"""Different questions at the most: the domain chooses how many its records lead to."""
_MAX_STRING = 255

logging.getLogger("checkdmarc").addHandler(logging.NullHandler())
logging.getLogger("checkdmarc").propagate = False


class UnansweredError(OSError):
    """Our resolver has no answer. An OSError, so that dnspython drops the server at once and does not wait."""


class SeamNameserver(dns.nameserver.Nameserver):
    """A name server that is our resolver."""

    def __init__(self, resolver: Resolver) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._resolver = resolver
        self.unanswered: list[str] = []
        self._asked: set[tuple[str, str]] = set()

    def __str__(self) -> str:
        return "mailtrace"

    def kind(self) -> str:
        """Name the kind, as dnspython asks for it."""
        return "mailtrace"

    def is_always_max_size(self) -> bool:
        """Answers are never truncated."""
        return True

    def answer_nameserver(self) -> str:
        """Name the server."""
        return "mailtrace"

    def answer_port(self) -> int:
        """There is no port."""
        return 0

    def query(self, request: dns.message.QueryMessage, *_: Any, **__: Any) -> dns.message.Message:
        """Answer one question out of our resolver."""
        question = request.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        response = dns.message.make_response(request)
        response.flags |= dns.flags.RA
        if kind not in RRType.__members__:
            return response  # types that nothing here records, such as the obsolete SPF: no data
        self._asked.add((name, kind))
        if len(self._asked) > MAX_QUESTIONS:
            self.unanswered.append(f"anything after {MAX_QUESTIONS} questions")
            raise UnansweredError("too many questions")
        answer = self._resolver.resolve(name, RRType(kind))
        if not answer.is_answered:
            self.unanswered.append(f"{kind} {name}")
            raise UnansweredError(f"{kind} {name}: {answer.outcome}")
        if answer.outcome is Outcome.NXDOMAIN:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif answer.records:
            _fill(response, question, answer)
        return response


def _fill(response: dns.message.Message, question: dns.rrset.RRset, answer: Answer) -> None:
    texts = [_presentation(record, answer.rrtype) for record in answer.records]
    rrset = dns.rrset.from_text_list(question.name, answer.ttl or 300, "IN", answer.rrtype.value, texts)
    target = response.find_rrset(
        response.answer, question.name, dns.rdataclass.IN, dns.rdatatype.from_text(answer.rrtype.value), create=True
    )
    target.update(rrset)  # type: ignore[no-untyped-call]


def _presentation(record: str, rrtype: RRType) -> str:
    """Return a record as a zone file has it: names with their final dot, TXT in quoted strings."""
    if rrtype is RRType.TXT:
        octets = unescape(record)
        parts = [octets[at : at + _MAX_STRING] for at in range(0, len(octets), _MAX_STRING)] or [b""]
        return " ".join(
            '"' + "".join(chr(o) if 0x20 <= o < 0x7F and o not in b'"\\' else f"\\{o:03d}" for o in part) + '"'
            for part in parts
        )
    if rrtype is RRType.SOA:
        primary, _, rest = record.partition(" ")
        mailbox, _, times = rest.partition(" ")
        return f"{_absolute(primary)} {_absolute(mailbox)} {times}"
    return _absolute(record) if rrtype in (RRType.MX, RRType.CNAME, RRType.NS, RRType.PTR) else record


def _absolute(name: str) -> str:
    return name if name.endswith(".") else name + "."


def comment(domain: str, resolver: Resolver) -> tuple[Finding, ...]:
    """Comment on the SPF and DMARC records of a domain (A-labels)."""
    server = SeamNameserver(resolver)
    stub = dns.resolver.Resolver(configure=False)
    stub.nameservers = [server]
    stub.use_edns(-1)
    found: list[Finding] = []
    for what, check, name in (
        ("SPF", checkdmarc.spf.check_spf, domain),
        ("DMARC", checkdmarc.dmarc.check_dmarc, f"_dmarc.{domain}"),
    ):
        server.unanswered.clear()
        _forget()
        try:
            result = check(domain, resolver=stub, timeout=1.0, retries=0)
        except Exception as fault:  # noqa: BLE001 - a comment must not cost the report, whatever the library raises
            result = {"error": f"{type(fault).__name__}: {fault}"}
        finally:
            _forget()
        found.extend(_findings(what, name, result, server.unanswered))
    return tuple(found)


def _findings(what: str, name: str, result: Any, unanswered: list[str]) -> Iterator[Finding]:
    place = Evidence(source=f"dns:TXT {excerpt(name)}", excerpt=excerpt(str(result.get("record") or "no record")))
    if unanswered:
        missing = excerpt(", ".join(dict.fromkeys(unanswered)))
        yield INCOMPLETE.found(f"{what}: no answer to {missing}.", place)
        return
    remarks = [*result.get("warnings", ()), *([result["error"]] if result.get("error") else ())]
    for remark in remarks[:MAX_COMMENTS]:
        yield COMMENT.found(f"{what}: {excerpt(str(remark))}", place, confidence=Confidence.MEDIUM)


def _forget() -> None:
    """Clear what checkdmarc keeps for the whole process."""
    for name in ("DNS_CACHE", "_NAMESERVER_FAILURES"):
        cache = getattr(checkdmarc.utils, name, None)
        if cache is not None:
            cache.clear()
