"""The differences that matter: a stamp that explains a failure, and one that what we find speaks against."""

from collections.abc import Iterator, Sequence

from mailtrace.auth.difference_types import Difference, Reason
from mailtrace.auth.types import Authentication, DKIMCheck
from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.message.types import Message
from mailtrace.printable import escape
from mailtrace.results import Confidence, Severity, Standing

KEY_GONE = FindingKind(
    code="dkim-key-gone-but-stamped-pass",
    title="A signature whose key is gone was verified by the receiving side",
    severity=Severity.NOTICE,
    reference="RFC 6376 §3.6.1",
)
PASS_NOT_REPEATED = FindingKind(
    code="stamp-pass-not-repeated",
    title="The receiving side recorded a pass that this copy of the message does not give",
    severity=Severity.NOTICE,
    reference="RFC 8601 §2.7",
)
FAIL_NOT_REPEATED = FindingKind(
    code="stamp-fail-but-verifies",
    title="The receiving side recorded a failure, and the signature verifies",
    severity=Severity.NOTICE,
    reference="RFC 8601 §2.7.1",
)
CLAIM_NOT_SO = FindingKind(
    code="claim-pass-not-so",
    title="A stamp that the sender could have written claims a pass that is not so",
    severity=Severity.NOTICE,
    reference="RFC 8601 §7.1",
)

FINDINGS_LIMIT = 10
"""Findings of this stage at the most."""

_PASSED = ("pass", "test")


def observe_differences(
    message: Message, authentication: Authentication, differences: Sequence[Difference], *, same_time: bool
) -> tuple[Finding, ...]:
    """Return the findings, of the trusted stamps first. `same_time`: the DNS answers are of the stamps' time."""
    # Some servers write one result into two fields: it is said once, of the topmost.
    once: dict[tuple[str, str], Finding] = {}
    for finding in _observe(message, authentication, differences, same_time):
        once.setdefault((finding.code, finding.detail), finding)
        if len(once) == FINDINGS_LIMIT:
            break
    return tuple(once.values())


def _observe(
    message: Message, authentication: Authentication, differences: Sequence[Difference], same_time: bool
) -> Iterator[Finding]:
    for difference in differences:
        stamp = _place(message, difference)
        if difference.standing is not Standing.TRUSTED:
            if same_time and _is_not_so(difference):
                yield CLAIM_NOT_SO.found(_said(difference), stamp, confidence=Confidence.MEDIUM)
        elif difference.method == "dkim" and difference.reason is Reason.KEY_GONE:
            yield KEY_GONE.found(_said(difference), stamp, *_keys(authentication, difference))
        elif difference.stamped in _PASSED and _is_not_repeated(difference, same_time):
            yield PASS_NOT_REPEATED.found(_said(difference), stamp)
        elif difference.method == "dkim" and difference.computed == "pass" and difference.stamped not in _PASSED:
            yield FAIL_NOT_REPEATED.found(_said(difference), stamp)


def _is_not_repeated(difference: Difference, same_time: bool) -> bool:
    """True where this copy itself speaks against the pass, or, for SPF and DMARC, DNS of the same days."""
    if difference.method in ("dkim", "arc"):
        return difference.reason in (Reason.COPY_ALTERED, Reason.UNEXPLAINED)
    return same_time and difference.reason is Reason.UNEXPLAINED


def _is_not_so(difference: Difference) -> bool:
    """True where DNS of the same days says otherwise of the border's own client, or of a signature in this copy."""
    return (
        difference.method in ("spf", "dkim")
        and difference.stamped == "pass"
        and difference.computed in ("fail", "softfail")
        and difference.reason is Reason.UNEXPLAINED
    )


def _said(difference: Difference) -> str:
    who = escape((difference.authserv_id or "The stamp")[:100])
    of = f" for {difference.identity}" if difference.identity else ""
    said = f"{who} says {difference.method}={difference.stamped}{of}; here it is {difference.computed}"
    return f"{said}. {difference.detail}"


def _place(message: Message, difference: Difference) -> Evidence:
    field = message.fields[difference.field]
    position = message.all(field.name).index(field)
    return Evidence(source=f"header:{field.name}[{position}]", line=field.line, excerpt=excerpt(field.value))


def _keys(authentication: Authentication, difference: Difference) -> Iterator[Evidence]:
    for check in authentication.dkim:
        if check.sdid == difference.identity and check.problem in ("key-missing", "key-revoked"):
            yield Evidence(source=f"dns:TXT {_key_name(check)}", excerpt=(check.problem or "").replace("-", " "))
            return


def _key_name(check: DKIMCheck) -> str:
    return excerpt(f"{check.selector}._domainkey.{check.sdid}")
