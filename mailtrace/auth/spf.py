"""SPF, RFC 7208: may the client that handed the message over send for the domain it named in SMTP?

Takes the session at the border and a resolver, gives one check for MAIL FROM and one for HELO, with findings. Evaluated
by pyspf behind `_pyspf`; this module decides what is asked of it and what its answer means. SPF says nothing of the
From field: that is DMARC's part.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from mailtrace.auth._pyspf import VOID_LIMIT
from mailtrace.auth.spf_evaluation import Evaluation
from mailtrace.auth.spf_findings import observe
from mailtrace.auth.spf_kept import evaluate_once
from mailtrace.auth.spf_trace import is_narrow, matching_term
from mailtrace.auth.types import Session, SPFCheck, SPFIdentity
from mailtrace.findings import Finding
from mailtrace.names.domain import a_labels
from mailtrace.records import Struct
from mailtrace.resolver import Resolver
from mailtrace.results import SPFResult

NULL_REVERSE_PATH = "<>"
LENIENT_VOID_LIMIT = 10
"""The limit that a void-limit error is tried again with, to say what a more patient receiver saw."""
MAX_SENDER = 1000
"""Characters of a local-part or HELO name that macros see; an SMTP line has 1000 octets (RFC 5321 §4.5.3.1.6)."""

_Address = IPv4Address | IPv6Address


class SPFOutcome(Struct, frozen=True, kw_only=True):
    """MAIL FROM first, then HELO."""

    checks: tuple[SPFCheck, ...]
    findings: tuple[Finding, ...]


class _Sender(Struct, frozen=True, kw_only=True):
    """Whom one check is about. With a `problem` there is nothing to evaluate."""

    identity: SPFIdentity
    local_part: str = "postmaster"
    domain: str | None = None
    problem: str | None = None


def check_spf(session: Session, *, dns: Resolver) -> SPFOutcome:
    """Evaluate both identities for the session's client."""
    checks: list[SPFCheck] = []
    findings: list[Finding] = []
    evaluated: dict[tuple[str, str], Evaluation] = {}
    for sender in (_mail_from(session), _helo(session)):
        check, evaluation = _check(sender, session, dns, evaluated)
        lenient = None
        if check.problem == "void-limit":
            lenient = _evaluate(sender, session, dns, void_limit=LENIENT_VOID_LIMIT)
        checks.append(check)
        findings.extend(observe(check, evaluation, lenient, session))
    return SPFOutcome(checks=tuple(checks), findings=tuple(findings))


def _mail_from(session: Session) -> _Sender:
    """RFC 7208 §2.4: the domain of MAIL FROM, or postmaster at HELO where the reverse-path is null."""
    identity = SPFIdentity.MAILFROM
    if session.mail_from is None:
        return _Sender(identity=identity, problem="no-mail-from")
    address = session.mail_from.strip()
    if address in ("", NULL_REVERSE_PATH):
        if session.helo is None:
            return _Sender(identity=identity, problem="no-helo")
        return _Sender(identity=identity, domain=_checkable(session.helo))
    # RFC 5321 §4.1.2: the last @ is the one; a quoted local-part may hold others.
    local_part, at, domain = address.removeprefix("<").removesuffix(">").rpartition("@")
    # RFC 7208 §4.3: a sender without a local-part is postmaster.
    return _Sender(
        identity=identity,
        local_part=local_part[:MAX_SENDER] or "postmaster",
        domain=_checkable(domain) if at else None,
    )


def _helo(session: Session) -> _Sender:
    """RFC 7208 §2.3: the name given in HELO or EHLO."""
    if session.helo is None:
        return _Sender(identity=SPFIdentity.HELO, problem="no-helo")
    return _Sender(identity=SPFIdentity.HELO, domain=_checkable(session.helo))


def _checkable(domain: str) -> str | None:
    """RFC 7208 §4.3: in A-labels; None for an address literal, a malformed name or a single label."""
    name = a_labels(domain.strip())
    return name if name is not None and "." in name else None


def _check(
    sender: _Sender, session: Session, dns: Resolver, evaluated: dict[tuple[str, str], Evaluation]
) -> tuple[SPFCheck, Evaluation | None]:
    """Check one identity; with a null reverse-path both are the same question, evaluated once."""
    if sender.problem is not None:
        return _settled(sender, session, SPFResult.NOT_CHECKED, sender.problem), None
    if sender.domain is None:
        return _settled(sender, session, SPFResult.NONE, None), None
    if session.client_ip is None:
        return _settled(sender, session, SPFResult.NOT_CHECKED, "no-client"), None
    key = (sender.local_part, sender.domain)
    evaluation = evaluated.get(key) or _evaluate(sender, session, dns)
    if evaluation is None:
        return _settled(sender, session, SPFResult.NOT_CHECKED, "client-unreadable"), None
    evaluated[key] = evaluation
    return _as_check(sender, session, evaluation), evaluation


def _settled(sender: _Sender, session: Session, result: SPFResult, problem: str | None) -> SPFCheck:
    """Return a check that needed no record."""
    return SPFCheck(
        identity=sender.identity,
        domain=sender.domain,
        client_ip=session.client_ip,
        result=result,
        mechanism=None,
        record=None,
        lookups=0,
        void_lookups=0,
        explanation=None,
        problem=problem,
        narrow=None,
        trace=None,
    )


def _evaluate(sender: _Sender, session: Session, dns: Resolver, void_limit: int = VOID_LIMIT) -> Evaluation | None:
    client = read_client(session.client_ip)
    if client is None or sender.domain is None:
        return None
    helo = (session.helo or "")[:MAX_SENDER]
    return evaluate_once(
        client, local_part=sender.local_part, domain=sender.domain, helo=helo, dns=dns, void_limit=void_limit
    )


_LONGEST_ADDRESS = 100


def read_client(text: str | None) -> _Address | None:
    """Read an address, with the prefix, brackets or zone that headers give it; an IPv4-mapped one as IPv4.

    RFC 7208 §5: "IPv4-mapped" addresses are IPv4 addresses.

    >>> read_client("[IPv6:::ffff:192.0.2.1]")
    IPv4Address('192.0.2.1')
    """
    return None if text is None or len(text) > _LONGEST_ADDRESS else _read_client(text)


@lru_cache(maxsize=1024)
def _read_client(text: str) -> _Address | None:
    bare = text.strip().removeprefix("[").removesuffix("]")
    if bare[:5].lower() == "ipv6:":
        bare = bare[5:]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _as_check(sender: _Sender, session: Session, evaluation: Evaluation) -> SPFCheck:
    return SPFCheck(
        identity=sender.identity,
        domain=sender.domain,
        client_ip=session.client_ip,
        result=SPFResult(evaluation.result),
        mechanism=evaluation.mechanism,
        record=evaluation.record,
        lookups=evaluation.lookups,
        void_lookups=evaluation.void_lookups,
        explanation=evaluation.explanation,
        problem=evaluation.problem,
        narrow=_narrow(session, evaluation),
        trace=evaluation.trace,
    )


def _narrow(session: Session, evaluation: Evaluation) -> bool | None:
    if evaluation.result != SPFResult.PASS or evaluation.trace is None:
        return None
    matched = matching_term(evaluation.trace)
    client = read_client(session.client_ip)
    if matched is None or client is None:
        return False
    return is_narrow(*matched, ipv6=client.version == 6)
