"""The report: `analyze` reads as the architecture, from octets to a verdict, each stage once."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import BinaryIO

from mailtrace.auth import authenticate
from mailtrace.auth.types import Session
from mailtrace.findings import Finding, by_severity
from mailtrace.message import parse
from mailtrace.path import rebuild
from mailtrace.report.parts import message_of, path_of, source_of
from mailtrace.report.types import (
    AuthenticationReport,
    DNSReport,
    ErrorDetail,
    ErrorReport,
    HopReport,
    HopTransportReport,
    Inputs,
    MailboxReport,
    MessageReport,
    PathReport,
    Report,
    SourceReport,
    Tool,
)
from mailtrace.resolver import Mode, Resolver
from mailtrace.resolver.archive import KeyArchive
from mailtrace.resolver.ledger import Ledger
from mailtrace.transport import assess
from mailtrace.transport.grade import DEFAULT, Profile
from mailtrace.verdict import DNSTime, judge

__all__ = [
    "AuthenticationReport",
    "Comment",
    "DNSReport",
    "ErrorDetail",
    "ErrorReport",
    "HopReport",
    "HopTransportReport",
    "Inputs",
    "MailboxReport",
    "MessageReport",
    "PathReport",
    "Report",
    "SourceReport",
    "Tool",
    "analyze",
]

Comment = Callable[[str, Resolver], tuple[Finding, ...]]
"""Comments on what a domain publishes (`--lint`)."""


def analyze(
    raw: bytes | BinaryIO,
    *,
    dns: Resolver,
    source: SourceReport | None = None,
    now: datetime | None = None,
    trust: Sequence[str] = (),
    session: Session | None = None,
    keys: Resolver | None = None,
    profile: Profile = DEFAULT,
    comment: Comment | None = None,
    look_ahead: bool = True,
) -> Report:
    """Analyse one message: `raw` is its octets, or a readable, seekable binary file that stays open.

    `now` (UTC) defaults to the time of the recording; live runs pass the clock, read once. `keys` answers for DKIM keys
    from elsewhere than DNS (`load_keys`). `comment` is asked for findings about the author domain's records, off the
    verdict's path. `look_ahead`: ask live DNS at once for what may be needed. Raises
    MessageError if the input is no message.
    """
    now = now or dns.recorded_at
    ledger = Ledger(dns.for_message())
    message = parse(raw)
    path = rebuild(message, trust)
    transport = assess(path, profile)
    dns_time = DNSTime(mode=dns.mode, at=dns.recorded_at if dns.mode is Mode.RECORDED else now)
    authentication = authenticate(
        message,
        path,
        session,
        dns=ledger,
        keys=keys,
        dns_at=dns_time.at,
        look_ahead=look_ahead,
        reconstructed=source is not None and source.reconstructed,
        from_mbox=source is not None and source.kind == "mbox",
    )
    judgement = judge(message, path, transport, authentication, dns=dns_time, answers=ledger.answers)
    answers = ledger.answers
    comments = comment(message.author_domain, ledger) if comment and message.author_domain else ()
    stages = (judgement.findings, authentication.findings, path.findings, transport.findings, comments)
    return Report(
        source=source_of(source, message),
        message=message_of(message),
        verdict=judgement.verdict,
        path=path_of(path, transport, authentication.claims),
        session=authentication.session,
        authentication=AuthenticationReport(
            spf=authentication.spf,
            dkim=authentication.dkim,
            dmarc=authentication.dmarc,
            arc=authentication.arc,
            claims=authentication.claims,
            differences=authentication.differences,
            dkim2=authentication.dkim2,
        ),
        transport_policy=transport.policy,
        findings=by_severity(finding for stage in stages for finding in stage),
        dns=DNSReport(
            mode=dns.mode,
            recorded_at=dns.recorded_at,
            questions=len(answers),
            unanswered=sum(not answer.is_answered for answer in answers),
        ),
        inputs=Inputs(
            now=now,
            trust=tuple(trust),
            session=session,
            keys_sha256=keys.sha256 if isinstance(keys, KeyArchive) else None,
            profile=profile.name,
        ),
    )
