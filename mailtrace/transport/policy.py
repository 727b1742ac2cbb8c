"""A profile against the hops: met, not met, or no evidence; a finding per hop, and one answer for the message.

It speaks of what the Received fields record. That nothing is recorded is never "not met": a server's silence is only
counted where that server would have told.
"""

from collections.abc import Iterator, Sequence

from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.path.types import Hop
from mailtrace.records import replace
from mailtrace.results import Confidence, Grade, PolicyResult, Security, Severity
from mailtrace.transport.ciphers import Trait, read_suite
from mailtrace.transport.grade import Profile, Requirement
from mailtrace.transport.scope import is_deciding
from mailtrace.transport.types import HopPolicy, HopTransport, TLSInfo, TransportPolicy

TRANSPORT_POLICY_NOT_MET = FindingKind(
    code="transport-policy-not-met",
    title="A hop is recorded outside the chosen transport profile",
    severity=Severity.WARNING,
    reference="docs/transport.md",
)
TRANSPORT_POLICY_NO_EVIDENCE = FindingKind(
    code="transport-policy-no-evidence",
    title="The header does not show what the chosen transport profile asks for",
    severity=Severity.NOTICE,
    reference="docs/transport.md",
)
TRANSPORT_POLICY_MET = FindingKind(
    code="transport-policy-met",
    title="A hop is recorded within the chosen transport profile",
    severity=Severity.INFO,
    reference="docs/transport.md",
)

_KINDS = {
    PolicyResult.MET: TRANSPORT_POLICY_MET,
    PolicyResult.NOT_MET: TRANSPORT_POLICY_NOT_MET,
    PolicyResult.NO_EVIDENCE: TRANSPORT_POLICY_NO_EVIDENCE,
}
# No document's list has a suite with one of these, so the name need not be a registered one.
_NEVER = frozenset({Trait.NULL, Trait.EXPORT, Trait.RC4, Trait.RC2, Trait.DES, Trait.TRIPLE_DES, Trait.IDEA, Trait.MD5})
_Answer = tuple[PolicyResult, str, str]
"""Result, the rest of a sentence that begins with the writer of the field, and the rule's source."""


def judge(pairs: Sequence[tuple[Hop, HopTransport]], profile: Profile) -> TransportPolicy:
    """Judge the hops that decide, and the message by them."""
    hops = tuple(_judged(hop, facts, profile) for hop, facts in pairs if is_deciding(hop, facts))
    result = _result(hops)
    return TransportPolicy(
        profile=profile.name,
        title=profile.title,
        source=profile.source,
        result=result,
        summary=_summary(hops, result, profile),
        hops=hops,
        not_shown=profile.not_shown,
    )


def observe_policy(
    pairs: Sequence[tuple[Hop, HopTransport]], policy: TransportPolicy, profile: Profile
) -> Iterator[Finding]:
    """Report each hop that was judged. The default profile's objections are findings of their own already."""
    if profile.allowed_versions is None:
        return
    hops = {hop.index: (hop, facts) for hop, facts in pairs}
    for judged in policy.hops:
        hop, facts = hops[judged.index]
        place = Evidence(
            source=f"header:Received[{hop.field}]", line=hop.header.line, excerpt=excerpt(hop.received.text)
        )
        detail = f"{profile.title}, {profile.words[judged.result]}: {judged.why}"
        found = _KINDS[judged.result].found(detail, place, confidence=facts.confidence)
        yield replace(found, reference=judged.rule)


def _result(hops: Sequence[HopPolicy]) -> PolicyResult:
    results = {hop.result for hop in hops}
    if PolicyResult.NOT_MET in results:
        return PolicyResult.NOT_MET
    return PolicyResult.MET if results == {PolicyResult.MET} else PolicyResult.NO_EVIDENCE


def _summary(hops: Sequence[HopPolicy], result: PolicyResult, profile: Profile) -> str:
    said = f"{profile.title}: {profile.words[result]}"
    if not hops:
        return f"{said}: the receiving side vouches for no hop between organisations."
    telling = [str(hop.index) for hop in hops if hop.result is result]
    named = f"hop {telling[0]}" if len(telling) == 1 else f"hops {', '.join(telling)}"
    return f"{said}, at {named}."


def _judged(hop: Hop, facts: HopTransport, profile: Profile) -> HopPolicy:
    result, said, rule = _answer(facts, profile)
    writer = excerpt(hop.received.by) if hop.received.by else "the writer of the field"
    return HopPolicy(index=hop.index, result=result, why=f"{writer} {said}.", rule=rule)


def _answer(facts: HopTransport, profile: Profile) -> _Answer:
    versions, suites = profile.allowed_versions, profile.allowed_suites
    first = versions.source if versions else profile.source.partition(";")[0]
    if facts.security is Security.CLEARTEXT:
        if facts.confidence is Confidence.HIGH:
            return PolicyResult.NOT_MET, "recorded no TLS, which it would have noted", first
        return PolicyResult.NO_EVIDENCE, "recorded no TLS, and may be a server that does not tell", first
    if facts.tls is None:
        return PolicyResult.NO_EVIDENCE, "does not say whether TLS was used", first
    if facts.tls.protocol is not None:
        return PolicyResult.NO_EVIDENCE, f"recorded {facts.tls.protocol}, which is not TLS", first
    if versions is None or suites is None:
        return _by_grade(facts.tls, facts.grade, profile)
    return _by_lists(facts.tls, versions, suites)


def _by_grade(tls: TLSInfo, grade: Grade | None, profile: Profile) -> _Answer:
    first = profile.source.partition(";")[0]
    if grade is None:
        return PolicyResult.NO_EVIDENCE, "recorded TLS, and too little of it to be graded", first
    shown = " with ".join(part for part in (tls.version, excerpt(tls.cipher_iana or tls.cipher or "")) if part)
    bad = grade in {Grade.WEAK, Grade.BROKEN}
    return PolicyResult.NOT_MET if bad else PolicyResult.MET, f"recorded {shown}, which is {grade}", first


def _by_lists(tls: TLSInfo, versions: Requirement, suites: Requirement) -> _Answer:
    suite = read_suite(tls.cipher) if tls.cipher else None
    # A suite that only TLS 1.2 and newer have leaves no room for an older version.
    version = tls.version or (suite.oldest_version if suite else None)
    if version is not None and version not in versions.allowed:
        return PolicyResult.NOT_MET, f"recorded {version}, which is not allowed", versions.source
    shown = excerpt(tls.cipher_iana or tls.cipher or "")
    is_never = suite is not None and not _NEVER.isdisjoint(suite.traits)
    if is_never or (tls.cipher_iana is not None and tls.cipher_iana not in suites.allowed):
        return PolicyResult.NOT_MET, f"recorded {shown}, which is not listed", suites.source
    if version is None:
        return PolicyResult.NO_EVIDENCE, "recorded TLS without its version", versions.source
    if tls.cipher is None:
        return PolicyResult.NO_EVIDENCE, f"recorded {version} without its cipher suite", suites.source
    if tls.cipher_iana is None:
        return PolicyResult.NO_EVIDENCE, f"recorded {version} with {shown}, which names no one suite", suites.source
    return PolicyResult.MET, f"recorded {version} with {shown}", suites.source
