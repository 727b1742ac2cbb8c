"""What an SPF check observes: one sentence with the facts, and the record as evidence (RFC 7208)."""

from mailtrace.auth.spf_evaluation import Evaluation
from mailtrace.auth.spf_trace import matching_term
from mailtrace.auth.types import Session, SPFCheck, SPFIdentity
from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.printable import escape
from mailtrace.results import Severity, SPFResult

SPF_PASS = FindingKind(
    code="spf-pass",
    title="The client may send for the envelope domain",
    severity=Severity.INFO,
    reference="RFC 7208 §2.6.3",
)
SPF_FAIL = FindingKind(
    code="spf-fail",
    title="The client may not send for the envelope domain",
    severity=Severity.WARNING,
    reference="RFC 7208 §2.6.4",
)
SPF_SOFTFAIL = FindingKind(
    code="spf-softfail",
    title="The client is probably not allowed to send for the envelope domain",
    severity=Severity.NOTICE,
    reference="RFC 7208 §2.6.5",
)
SPF_NEUTRAL = FindingKind(
    code="spf-neutral",
    title="The envelope domain makes no statement about the client",
    severity=Severity.INFO,
    reference="RFC 7208 §2.6.2",
)
SPF_NONE = FindingKind(
    code="spf-none",
    title="The envelope domain has no SPF record",
    severity=Severity.INFO,
    reference="RFC 7208 §2.6.1",
)
SPF_PERMERROR = FindingKind(
    code="spf-permerror",
    title="The SPF record cannot be interpreted",
    severity=Severity.WARNING,
    reference="RFC 7208 §2.6.7",
)
SPF_LOOKUP_LIMIT = FindingKind(
    code="spf-lookup-limit",
    title="The SPF record needs more than ten DNS lookups",
    severity=Severity.WARNING,
    reference="RFC 7208 §4.6.4",
)
SPF_VOID_LIMIT = FindingKind(
    code="spf-void-limit",
    title="The SPF record asks for too many names that do not exist",
    severity=Severity.NOTICE,
    reference="RFC 7208 §4.6.4",
)
SPF_TEMPERROR = FindingKind(
    code="spf-temperror",
    title="SPF could not be decided: DNS did not answer",
    severity=Severity.NOTICE,
    reference="RFC 7208 §2.6.6",
)
SPF_NOT_CHECKED = FindingKind(
    code="spf-not-checked",
    title="SPF could not be checked",
    severity=Severity.INFO,
    reference="RFC 7208 §4.1",
)
SPF_TOO_WIDE = FindingKind(
    code="spf-too-wide",
    title="The SPF pass says little: the record allows almost anybody",
    severity=Severity.WARNING,
    reference="RFC 7208 §11.1",
)
SPF_PTR = FindingKind(
    code="spf-ptr",
    title="The SPF pass rests on a reverse DNS name",
    severity=Severity.INFO,
    reference="RFC 7208 §5.5",
)
SPF_NULL_SENDER = FindingKind(
    code="spf-null-sender",
    title="No envelope sender: SPF was checked for the HELO name",
    severity=Severity.INFO,
    reference="RFC 7208 §2.4",
)
SPF_HELO_NOT_A_NAME = FindingKind(
    code="spf-helo-not-a-name",
    title="The HELO name cannot be checked by SPF",
    severity=Severity.INFO,
    reference="RFC 7208 §2.3",
)

_NAMES = {SPFIdentity.MAILFROM: "MAIL FROM", SPFIdentity.HELO: "HELO"}


def observe(
    check: SPFCheck, evaluation: Evaluation | None, lenient: Evaluation | None, session: Session
) -> tuple[Finding, ...]:
    """Return the findings of one check. `lenient`: the same evaluation with a void limit of ten, where that matters."""
    found: list[Finding | None] = [
        _null_sender(check, session),
        _helo_not_a_name(check, session),
        _result(check, evaluation),
        _too_wide(check, evaluation),
        _ptr(check, evaluation),
        _void_limit(check, lenient),
        _lookup_limit(check),
    ]
    return tuple(finding for finding in found if finding is not None)


def _at_record(check: SPFCheck) -> Evidence:
    if check.domain is None:
        return Evidence(source="session", line=None, excerpt=f"{_NAMES[check.identity]}: not known as a domain")
    return Evidence(
        source=f"dns:TXT {check.domain}",
        line=None,
        excerpt=excerpt(check.record if check.record is not None else "no SPF record was read"),
    )


def _at_question(question: str, words: str | None) -> Evidence:
    return Evidence(source=f"dns:{excerpt(question)}", line=None, excerpt=excerpt(words or "no answer"))


def _where(check: SPFCheck) -> str:
    return f"{check.domain} ({_NAMES[check.identity]})"


def _null_sender(check: SPFCheck, session: Session) -> Finding | None:
    if check.identity is not SPFIdentity.MAILFROM or session.mail_from != "<>" or session.helo is None:
        return None
    return SPF_NULL_SENDER.found(
        f"The envelope sender is null, as in a bounce; postmaster@{excerpt(session.helo)} was checked in its place.",
        Evidence(source="session", line=None, excerpt=excerpt(f"MAIL FROM:<>, HELO {session.helo}")),
    )


def _helo_not_a_name(check: SPFCheck, session: Session) -> Finding | None:
    if check.identity is not SPFIdentity.HELO or session.helo is None or check.domain is not None:
        return None
    return SPF_HELO_NOT_A_NAME.found(
        f"The client called itself {excerpt(session.helo)}, which is not a fully qualified domain name.",
        Evidence(source="session", line=None, excerpt=excerpt(f"HELO {session.helo}")),
    )


_KINDS = {
    SPFResult.PASS: SPF_PASS,
    SPFResult.FAIL: SPF_FAIL,
    SPFResult.SOFTFAIL: SPF_SOFTFAIL,
    SPFResult.NEUTRAL: SPF_NEUTRAL,
    SPFResult.NONE: SPF_NONE,
    SPFResult.PERMERROR: SPF_PERMERROR,
    SPFResult.TEMPERROR: SPF_TEMPERROR,
    SPFResult.NOT_CHECKED: SPF_NOT_CHECKED,
}


def _result(check: SPFCheck, evaluation: Evaluation | None) -> Finding | None:
    is_helo = check.identity is SPFIdentity.HELO
    # Few HELO names have a record, and a missing one means nothing.
    if is_helo and (check.result in (SPFResult.NONE, SPFResult.NEUTRAL) or evaluation is None):
        return None
    kind = _KINDS[check.result]
    lowered = Severity.NOTICE if is_helo and kind.severity is Severity.WARNING else None
    evidence = _at_record(check)
    unanswered = check.result in (SPFResult.TEMPERROR, SPFResult.NOT_CHECKED)
    if unanswered and evaluation is not None and evaluation.at_fault is not None:
        evidence = _at_question(evaluation.at_fault, evaluation.detail or evaluation.problem)
    return kind.found(_sentence(check, evaluation), evidence, severity=lowered)


def _sentence(check: SPFCheck, evaluation: Evaluation | None) -> str:
    client = excerpt(check.client_ip or "an unknown client")
    by = f" by {excerpt(check.mechanism)}" if check.mechanism else " by default"
    match check.result:
        case SPFResult.PASS:
            return f"{client} may send for {_where(check)}:{by.replace(' by', '', 1)} matched{_through(evaluation)}."
        case SPFResult.FAIL:
            return f"{client} may not send for {_where(check)}{by}."
        case SPFResult.SOFTFAIL:
            return f"{client} is probably not allowed to send for {_where(check)}{by}."
        case SPFResult.NEUTRAL:
            return f"{_where(check)} says nothing about {client}{by}."
        case SPFResult.NONE:
            domain = "The envelope sender has no domain that" if check.domain is None else f"{_where(check)} has no SPF"
            return f"{domain} could be checked." if check.domain is None else f"{domain} record."
        case _:
            return _problem(check, evaluation)


def _through(evaluation: Evaluation | None) -> str:
    """Name the term behind an include or a redirect: it is what speaks of the client."""
    if evaluation is None or evaluation.trace is None:
        return ""
    matched = matching_term(evaluation.trace)
    if matched is None or matched[1].text == evaluation.mechanism:
        return ""
    return f", and behind it {excerpt(matched[1].text)} in the record of {excerpt(matched[0])}"


_REASONS = {
    "no-client": "the address of the client is not known",
    "client-unreadable": "the address of the client cannot be read",
    "no-mail-from": "the envelope sender is not known",
    "no-helo": "the HELO name is not known",
    "not-recorded": "the recording does not hold the DNS answer",
    "offline": "no DNS was asked",
    "dns-failure": "DNS did not answer",
    "syntax": "the record breaks the grammar",
    "multiple-records": "there are several SPF records, and one is allowed",
    "include-without-record": "a domain that is included has no SPF record",
    "redirect-without-record": "the domain redirected to has no SPF record",
    "lookup-limit": "more than ten terms cost a DNS lookup",
    "void-limit": "more than two lookups found nothing",
    "mx-limit": "an mx has more than ten exchanges",
    "record-too-long": "the record is longer than is read here",
    "library-fault": "the evaluation failed",
}


def _problem(check: SPFCheck, evaluation: Evaluation | None) -> str:
    reason = _REASONS.get(check.problem or "", check.problem or "")
    where = f" for {_where(check)}" if check.domain else f" ({_NAMES[check.identity]})"
    at = f", at {excerpt(evaluation.at_fault)}" if evaluation is not None and evaluation.at_fault else ""
    return f"SPF{where} has no result: {reason}{at}."


def _too_wide(check: SPFCheck, evaluation: Evaluation | None) -> Finding | None:
    if check.narrow is not False or evaluation is None or evaluation.trace is None:
        return None
    matched = matching_term(evaluation.trace)
    term = "its default" if matched is None else f"{excerpt(matched[1].text)} in the record of {matched[0]}"
    is_helo = check.identity is SPFIdentity.HELO
    return SPF_TOO_WIDE.found(
        f"{_where(check)} passes by {term}, which says next to nothing about {excerpt(check.client_ip or '')}.",
        _at_record(check),
        severity=Severity.NOTICE if is_helo else None,
    )


def _ptr(check: SPFCheck, evaluation: Evaluation | None) -> Finding | None:
    if check.result is not SPFResult.PASS or evaluation is None or evaluation.trace is None:
        return None
    matched = matching_term(evaluation.trace)
    if matched is None or matched[1].name != "ptr":
        return None
    return SPF_PTR.found(
        f"{_where(check)} passes by {excerpt(matched[1].text)}: many receivers do not evaluate ptr.", _at_record(check)
    )


def _void_limit(check: SPFCheck, lenient: Evaluation | None) -> Finding | None:
    if lenient is None:
        return None
    by = f" ({excerpt(lenient.mechanism)})" if lenient.mechanism else ""
    return SPF_VOID_LIMIT.found(
        f"By the letter SPF of {_where(check)} is permerror: more than two lookups found nothing. "
        f"A receiver that allows ten would see {lenient.result}{by}.",
        _at_record(check),
    )


def _lookup_limit(check: SPFCheck) -> Finding | None:
    if check.problem != "lookup-limit":
        return None
    return SPF_LOOKUP_LIMIT.found(
        f"{_where(check)} asks for more than ten lookups before it decides on {escape(check.client_ip or '')}.",
        _at_record(check),
        severity=Severity.NOTICE if check.identity is SPFIdentity.HELO else None,
    )
