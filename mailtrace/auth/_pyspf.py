"""The only door to pyspf (RFC 7208), and what has to be corrected in it. docs/libraries.md tells of each fault.

pyspf parses records, expands macros and walks the mechanisms. It is given its questions' answers, and asks none of
its own: its two DNS drivers are shut, one follows the search list of the machine, the other takes SERVFAIL for "no
record". A subclass replaces its `dns` method, so that nothing here is global and two evaluations never meet.
"""

from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Any, NoReturn

from mailtrace.auth.spf_evaluation import Evaluation, Node, Reached, values
from mailtrace.auth.spf_patterns import IPv4, IPv6, Rare, TopLabel
from mailtrace.left_out import DNSPYTHON, RE, empty, function_later, later, left_out
from mailtrace.resolver import MAX_NAME, Answer, Outcome, Resolver, RRType, bad_name

# What it takes of these is the name of an exception, and a class for reading header fields, which we do ourselves.
_SOCKET = (later("socket"),)
_EMAIL = (empty("email.message", Message=object),)
_QUOTE = (empty("urllib.parse", quote=function_later("urllib.parse", "quote")),)  # for macros in capitals
with left_out(DNSPYTHON, _SOCKET, _EMAIL, _QUOTE, instead=(RE,)):
    import spf

MAX_LOOKUPS = 10
"""Terms that cost a DNS lookup, RFC 7208 §4.6.4."""
MAX_MX = 10
"""Exchanges of one `mx`, RFC 7208 §4.6.4."""
MAX_PTR = 10
"""Names of one `ptr` that are looked at, RFC 7208 §4.6.4."""
VOID_LIMIT = 2
"""Lookups without an answer, RFC 7208 §4.6.4: recommended."""
MAX_RECORD = 16384
"""Octets of a record that is read. A limit of ours: pyspf's time grows with the square of a term and of the number
of modifiers. RFC 7208 §3.4 asks for fewer than 512."""
MAX_TERM = 1024
"""Octets of one term; a domain has 253."""


def _refuse(name: str, qtype: str, *_: object) -> NoReturn:
    raise AssertionError(f"pyspf asked DNS past the resolver: {qtype} {name!r}")


spf.DNSLookup = _refuse
spf.RE_TOPLAB, spf.RE_IP4, spf.RE_IP6 = TopLabel(spf.RE_TOPLAB), IPv4(spf.RE_IP4), IPv6(spf.RE_IP6)
spf.RE_MODIFIER, spf.RE_CHAR = Rare(spf.RE_MODIFIER, "="), Rare(spf.RE_CHAR, "%")
spf.RE_DUAL_CIDR, spf.RE_CIDR = Rare(spf.RE_DUAL_CIDR, "//"), Rare(spf.RE_CIDR, "/")


class _Fault(spf.PermError):  # type: ignore[misc]  # pyspf has no types
    """A permanent error whose kind we know without reading the library's English."""

    def __init__(self, problem: str, message: str, term: str | None = None) -> None:
        super().__init__(message, term)
        self.problem = problem


class _NoAnswerError(Exception):
    """The question was not asked: not recorded, or offline. Never a result of SPF."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.name)
        self.answer = answer


class _Query(spf.query):  # type: ignore[misc]  # pyspf has no types
    """One `check_host()`, its questions answered by our resolver."""

    def __init__(
        self,
        client: IPv4Address | IPv6Address,
        sender: tuple[str, str],
        *,
        helo: str,
        dns: Resolver,
        void_limit: int,
    ) -> None:
        local_part, domain = sender
        super().__init__(i=str(client), s=f"{local_part}@{domain}", h=helo)
        # pyspf splits at the first @ (RFC 5321 §4.1.2: a quoted local-part may hold one).
        self.l, self.o, self.d = local_part, domain, domain
        # RFC 7208 §7.2, macro `t`, for explanations only. Never the clock: the same input gives the same report.
        self.t = _timestamp(dns.recorded_at)
        self._resolver = dns
        self._void_limit = void_limit
        self._node: Node | None = None
        self.top: Node | None = None
        self.record: str | None = None
        self.missing: str | None = None
        self.failed: Answer | None = None
        self._explanation: tuple[str, str] | None = None

    def check1(self, record: str | None, domain: str, recursion: int) -> tuple[str, int, str]:
        """Evaluate one record, and keep the trace of it."""
        parent = self._node
        node = Node(domain=domain, record=record, recursion=recursion)
        if parent is None:
            self.top = node
        elif recursion == parent.recursion:
            parent.redirect = node
        else:
            parent.includes.append(node)
        if recursion == 0:
            self._explanation = None  # RFC 7208 §6.2: after a redirect the target's exp= is used, or none
        self._node = node
        try:
            outcome: tuple[str, int, str] = super().check1(record, domain, recursion)
        finally:
            self._node = parent
        node.result = outcome[0]
        return outcome

    def validate_mechanism(self, mech: str) -> "Reached":
        """Parse a mechanism, and watch for its turn."""
        assert self._node is not None
        return Reached(self._node, super().validate_mechanism(mech))

    def check_lookups(self) -> None:
        """Count a term that costs a lookup (RFC 7208 §4.6.4) when it is evaluated, not when it is read.

        pyspf counts `redirect=` while it parses; RFC 7208 §6.1 uses it only if no mechanism matches.
        """
        node = self._node
        assert node is not None
        if node.reached is None:
            return
        node.including = node.reached.term.name == "include"
        self._count_lookup(node.reached.term.text)

    def _count_lookup(self, term: str) -> None:
        self.lookups += 1
        if self._node is not None:
            self._node.lookups += 1
        if self.lookups > MAX_LOOKUPS:
            raise _Fault("lookup-limit", f"More than {MAX_LOOKUPS} terms that cost a DNS lookup", term)

    def dns_spf(self, domain: str) -> str | None:
        """Fetch a domain's record, RFC 7208 §4.4 and §4.5; None if there is none."""
        node = self._node
        is_include = node is not None and node.including
        if node is not None and not is_include:
            self._count_lookup(f"redirect={domain}")
        if node is not None:
            node.including = False
        record = _select_record(domain, self.dns_txt(domain))
        if node is None:
            self.record = record
        elif record is None:
            self.missing = "include-without-record" if is_include else "redirect-without-record"
        return record

    def dns(self, name: str, qtype: str, cnames: object = None, ignore_void: bool = False) -> list[Any]:  # noqa: ARG002 - pyspf's signature
        """Answer a question through the seam; CNAMEs are followed there."""
        name = str(name).lower().removesuffix(".")
        if bad_name(name) is not None:
            return []  # RFC 7208 §4.8: the macros expanded to no name, and the mechanism does not match
        answer = self._resolver.resolve(name, RRType(qtype))
        if answer.is_unasked:
            raise _NoAnswerError(answer)
        if answer.is_temporary:
            self.failed = answer
            raise spf.TempError(answer.detail or answer.outcome.value)
        if answer.outcome in (Outcome.NXDOMAIN, Outcome.NODATA) and not ignore_void and self._node is not None:
            self.void_lookups += 1
            self._node.voids.append(f"{qtype} {name}")
            if self.void_lookups > self._void_limit:
                raise _Fault("void-limit", f"More than {self._void_limit} lookups without an answer", f"{qtype} {name}")
        return values(answer)

    def dns_mx(self, domainname: str) -> list[str]:
        """Return the addresses of the exchanges, at most ten exchanges (RFC 7208 §4.6.4)."""
        if len(self.dns(domainname, "MX", ignore_void=True)) > MAX_MX:
            raise _Fault("mx-limit", f"More than {MAX_MX} MX records", f"mx:{domainname}")
        addresses: list[str] = super().dns_mx(domainname)
        return addresses

    def validated_ptrs(self) -> list[str]:
        """Return the client's names that lead back to it.

        RFC 7208 §5.5: after an error in the PTR lookup the mechanism does not match; after one in an address lookup
        that name is skipped. pyspf makes both a temperror.
        """
        try:
            names = self.dns_ptr(self.i)
        except spf.TempError:
            return []
        return [name for name in names[:MAX_PTR] if self._leads_back(name)]

    def _leads_back(self, name: str) -> bool:
        try:
            return bool(self.cidrmatch(self.dns_a(name, self.A), self.cidrmax))
        except spf.TempError:
            return False

    def expand(self, s: str, stripdot: bool = True) -> str:
        """Expand macros (RFC 7208 §7): of a domain-spec, or with `stripdot` off of an explanation.

        pyspf takes one label off a name that is too long, where RFC 7208 §7.3 takes as many as it needs; and it does
        so to explanations too, which lose their first sentence. No macro holds a space, so a word at a time is safe.
        """
        if not stripdot:
            return " ".join(super(_Query, self).expand(word, stripdot=False) for word in s.split(" "))
        name: str = super().expand(s)
        if len(name) <= MAX_NAME:
            return name
        cut = name.find(".", len(name) - MAX_NAME - 1)
        return name[cut + 1 :]

    def get_explanation(self, spec: str) -> None:
        """Remember where the explanation is. pyspf fetches it on every check, RFC 7208 §6.2 after a fail."""
        assert self._node is not None
        if self._node.recursion == 0:
            self._explanation = (spec, self.d)

    def explain(self) -> str | None:
        """Fetch and expand the explanation (RFC 7208 §6.2); None if there is none or it cannot be had."""
        if self._explanation is None:
            return None
        spec, self.d = self._explanation
        try:
            texts = self.dns_txt(spec, ignore_void=True)
            if len(texts) != 1 or len(texts[0]) > MAX_TERM:
                return None
            text: str | None = super().get_explanation(spec)
        except (spf.TempError, spf.PermError, _NoAnswerError):
            return None
        return text


# A record that makes the library stumble must not end the report. None is known; a property test looks for one.
_STUMBLES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


def _timestamp(time: datetime | None) -> str:
    return "0" if time is None else str(int(time.timestamp()))


def _select_record(domain: str, texts: list[bytes]) -> str | None:
    """RFC 7208 §4.5: the one record that begins `v=spf1`, alone or before a space."""
    if bad_name(domain) is not None:
        return None  # RFC 7208 §4.3
    found = [text for text in texts if text[:7].lower() in (b"v=spf1", b"v=spf1 ")]
    if len(found) > 1:
        raise _Fault("multiple-records", f"{len(found)} SPF records at {domain}")
    if not found:
        return None
    if not found[0].isascii():
        raise _Fault("syntax", f"octets outside ASCII in the record of {domain}")
    record = found[0].decode("ascii")
    if len(record) > MAX_RECORD or any(len(term) > MAX_TERM for term in record.split(" ")):
        raise _Fault("record-too-long", f"the record of {domain} is longer than is read here")
    return record


def evaluate(
    client: IPv4Address | IPv6Address,
    *,
    local_part: str,
    domain: str,
    helo: str,
    dns: Resolver,
    void_limit: int = VOID_LIMIT,
) -> Evaluation:
    """Run `check_host()` (RFC 7208 §4) for a domain that is known to be one. Never raises for what DNS holds."""
    query = _Query(client, (local_part, domain), helo=helo, dns=dns, void_limit=void_limit)
    try:
        result = query.check()[0]
    except _NoAnswerError as unasked:
        problem = "offline" if unasked.answer.outcome is Outcome.OFFLINE else "not-recorded"
        return _ended(query, "not-checked", problem, at_fault=_question(unasked.answer))
    except _STUMBLES as fault:
        return _ended(query, "not-checked", "library-fault", detail=repr(fault))
    if result == "temperror":
        failed = None if query.failed is None else _question(query.failed)
        return _ended(query, result, "dns-failure", detail=query.prob, at_fault=failed)
    if result == "permerror":
        error = query.perm_error
        problem = getattr(error, "problem", None) or query.missing or "syntax"
        return _ended(query, result, problem, detail=str(error.msg), at_fault=error.mech)
    explanation = query.explain() if result == "fail" else None
    return _ended(query, result, None, mechanism=query.mechanism, explanation=explanation)


def _question(answer: Answer) -> str:
    return f"{answer.rrtype} {answer.name}"


def _ended(
    query: _Query,
    result: str,
    problem: str | None,
    *,
    detail: str | None = None,
    at_fault: str | None = None,
    mechanism: str | None = None,
    explanation: str | None = None,
) -> Evaluation:
    return Evaluation(
        result=result,
        problem=problem,
        detail=detail,
        at_fault=at_fault,
        mechanism=mechanism,
        record=query.record,
        lookups=query.lookups,
        void_lookups=query.void_lookups,
        explanation=explanation,
        trace=None if query.top is None else query.top.frozen(),
    )
