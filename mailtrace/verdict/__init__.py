"""Judge: two answers, each with its reasons. Pure: no clock, no octets, no network.

Authenticity and transport are decided apart (authenticity.py, transport.py) and never added up to a score. The reasons
are codes of findings: those of the stages, and the few that only the whole picture gives (observed.py).
"""

from mailtrace.auth.types import Authentication
from mailtrace.findings import Finding
from mailtrace.message.types import Message
from mailtrace.path.types import BorderSource, Path
from mailtrace.resolver import Answer, Mode
from mailtrace.results import Severity, TransportAnswer
from mailtrace.transport.types import Transport
from mailtrace.verdict.authenticity import BASES, Decision, DNSTime, Rule, decide
from mailtrace.verdict.observed import observed
from mailtrace.verdict.readers import unsigned_fields
from mailtrace.verdict.settle import open_points
from mailtrace.verdict.transport import answer, answer_claimed, deciding
from mailtrace.verdict.types import Judgement, Verdict
from mailtrace.verdict.words import next_steps, summary
from mailtrace.verdict.worlds import rests_on_archive

__all__ = ["DNSTime", "Judgement", "Verdict", "judge"]

MAX_REASONS = 4
"""Reasons given at the most; every finding is in the report anyway."""

# What a rule rests on, most telling first; the stages' findings of these codes are the reasons.
_TELLING: dict[Rule, tuple[str, ...]] = {
    Rule.UNANSWERED: ("dns-unanswered",),
    Rule.ENFORCED_FAIL: ("dmarc-fail-enforced", "spf-fail", "spf-softfail", "dkim-not-aligned"),
    Rule.CLAIMED_CAUSE: (
        "dmarc-fail-enforced",
        "dkim-mostly-unsigned",
        "dkim-signed-part-hidden",
        "ordinary-cause-claimed",
        "dkim-body-altered",
        "dkim-header-altered",
        "dkim-key-missing",
        "dkim-key-revoked",
    ),
    Rule.OTHER_TIME: ("dmarc-fail-enforced", "dns-of-another-time"),
    Rule.MONITORED_FAIL: (
        "dmarc-fail-not-enforced",
        "dmarc-fail-enforced",
        "dkim-mostly-unsigned",
        "dkim-signed-part-hidden",
        "dkim-body-altered",
        "dkim-header-altered",
        "ordinary-cause-claimed",
    ),
    Rule.AUTHORS: ("no-single-author",),
    Rule.LOOK_ALIKE: ("author-looks-like-another", "author-signed"),
    Rule.CONTRADICTION: ("receiver-path-contradicted",),
    Rule.UNSIGNED_SHOWN: ("unsigned-part-shown", "author-signed"),
    Rule.OWN_SPF_FAIL: ("spf-fail",),
    Rule.DKIM: ("author-signed", "dkim-key-archived", "spf-fail-forwarded"),
    Rule.SPF: ("author-client-authorised",),
    Rule.STAMP: ("receiver-stamped-pass",),
    Rule.SPF_INFERRED: ("author-client-authorised",),
    Rule.SHARED_SUFFIX: ("dmarc-rfc7489-differs",),
    Rule.SHARED_SUFFIX_FAIL: ("dmarc-rfc7489-differs",),
    Rule.PROVED_CAUSE: ("dkim-alteration-proved", "receiver-stamped-pass", "author-unproven"),
    Rule.NOT_JUDGED: ("sender-not-recorded",),
    Rule.RECONSTRUCTED: ("dkim-reconstructed",),
    Rule.NOTHING: ("author-unproven",),
}

_RESTS_ON_SIGNATURE = (Rule.DKIM, Rule.PROVED_CAUSE)


def judge(
    message: Message,
    path: Path,
    transport: Transport,
    authentication: Authentication,
    *,
    dns: DNSTime,
    answers: tuple[Answer, ...] = (),
) -> Judgement:
    """Give both answers. `answers`: what DNS said to the questions that were evaluated, for naming the missing ones."""
    decision = decide(message, path, authentication, dns)
    own = observed(message, path, authentication, decision, answers)
    word, hops = answer(path, transport), deciding(path, transport)
    findings = (*own, *authentication.findings, *path.findings, *transport.findings)
    return Judgement(
        verdict=Verdict(
            authenticity=decision.authenticity,
            basis=BASES.get(decision.rule),
            assumes=_assumes(path, decision, dns, answers),
            transport=word,
            transport_claimed=answer_claimed(path, transport),
            summary=summary(message, path, hops, authentication, decision, word),
            reasons=_reasons(decision, findings, word),
            next_steps=next_steps(message, path, hops, authentication, decision, word),
            open_points=open_points(message, path, hops, authentication, decision, answers),
            unsigned=unsigned_fields(message, decision.speaking) if decision.rule in _RESTS_ON_SIGNATURE else (),
        ),
        findings=own,
    )


def _reasons(decision: Decision, findings: tuple[Finding, ...], word: TransportAnswer) -> tuple[str, ...]:
    present = {finding.code for finding in findings}
    telling = [code for code in _TELLING[decision.rule] if code in present]
    if word in (TransportAnswer.CLEARTEXT, TransportAnswer.PARTLY_ENCRYPTED) and "hop-cleartext" in present:
        telling.append("hop-cleartext")
    grave = [f.code for f in findings if f.severity in (Severity.CRITICAL, Severity.WARNING)]
    chosen = dict.fromkeys([*telling, *grave])
    return tuple(chosen)[:MAX_REASONS] or _TELLING[decision.rule][:1]


def _assumes(path: Path, decision: Decision, dns: DNSTime, answers: tuple[Answer, ...]) -> tuple[str, ...]:
    """Name what is taken on trust. Received fields prove nothing against whoever held the file."""
    taken = []
    if path.hops or decision.rule in (Rule.SPF, Rule.STAMP):
        taken.append("file-unaltered")
    if path.border_source is BorderSource.INFERRED:
        taken.append("border-inferred")
    elif path.border_source is BorderSource.GIVEN:
        taken.append("border-given")
    if any(a.is_answered for a in answers) and dns.mode is not Mode.OFFLINE:
        taken.append("dns-genuine")
    if _takes_archive(decision):
        taken.append("key-archive-genuine")
    return tuple(taken)


def _takes_archive(decision: Decision) -> bool:
    if decision.rule is Rule.PROVED_CAUSE:
        altered = decision.causes.altered
        return altered is not None and altered.key_source == "archive"
    return decision.rule in (Rule.DKIM, Rule.UNSIGNED_SHOWN) and rests_on_archive(decision.passes)
