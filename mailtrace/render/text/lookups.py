"""What -v adds of DNS: SPF record by record, through every include, and the steps of the DMARC tree walk."""

from collections.abc import Iterator

from mailtrace.auth.spf_trace import Evaluated
from mailtrace.auth.types import DMARCIdentifier, DMARCStep, PolicyTag, SPFCheck
from mailtrace.render.text import words
from mailtrace.render.text.page import Page
from mailtrace.report import AuthenticationReport, Report
from mailtrace.results import DMARCResult, SPFResult

MOST = 40
"""Lines of one tree that are shown."""
_COLUMN = 16
_TAGS = {
    PolicyTag.P: "p",
    PolicyTag.SP: "sp, for subdomains",
    PolicyTag.NP: "np, for subdomains that do not exist",
}


def write(page: Page, report: Report) -> None:
    """Write the section."""
    page.heading("Published records")
    for check in report.authentication.spf:
        _spf(page, check)
    _dmarc(page, report.authentication)


def _entry(page: Page, term: str, text: str) -> None:
    page.entry(term, text, column=_COLUMN, indent=2, wide=True)


def _no_record(is_none: bool, problem: str | None) -> str:
    """Tell a record that does not exist from one that was not read."""
    if is_none or problem is None:
        return "no record"
    return f"no record was read: {words.plain(problem)}"


def _spf(page: Page, check: SPFCheck) -> None:
    if check.record is None:
        _entry(page, f"SPF {check.identity.value}", _no_record(check.result is SPFResult.NONE, check.problem))
        return
    limits = f"{words.count(check.lookups, 'lookup')} of 10, {check.void_lookups} void of 2"
    _entry(page, f"SPF {check.identity.value}", f"{check.domain}: {check.result.value}; {limits}")
    lines = list(_tree(check.trace, 0)) if check.trace else [(0, check.record)]
    for depth, line in lines[:MOST]:
        page.entry("", line, column=_COLUMN + 2 * min(depth, 8), indent=2, wide=True)
    if len(lines) > MOST:
        _entry(page, "", f"{len(lines) - MOST:,} lines more, all in the JSON")
    if check.explanation is not None:
        _entry(page, "", f"explanation, the domain's words: {check.explanation}")


def _tree(node: Evaluated, depth: int) -> Iterator[tuple[int, str]]:
    """Give a line for each record, and one for what decided in it, in the order of evaluation."""
    lookups = f" ({words.count(node.lookups, 'lookup')} here)" if node.lookups else ""
    yield depth, f"{node.domain}{lookups}: {node.record or 'no record'}"
    for void in node.voids:
        yield depth + 1, f"found nothing: {void}"
    for include in node.includes:
        yield from _tree(include, depth + 1)
    if node.redirect is not None:
        yield depth, "redirected to"
        yield from _tree(node.redirect, depth + 1)
        return
    yield depth + 1, _decided(node)


def _decided(node: Evaluated) -> str:
    if node.result is None:
        where = f" at {node.term.text}" if node.term else ""
        return f"evaluation ended here{where}"
    if node.term is None or (node.result == "neutral" and not node.term.text.startswith("?")):
        return f"{node.result}: no term matched"
    expanded = node.term.argument
    shown = f" ({expanded})" if expanded and "%{" in node.term.text else ""
    return f"{node.result} by {node.term.text}{shown}"


def _dmarc(page: Page, authentication: AuthenticationReport) -> None:
    dmarc = authentication.dmarc
    none = _no_record(dmarc.result is DMARCResult.NONE, dmarc.problem)
    _entry(page, "DMARC", f"{dmarc.record}  ({dmarc.record_domain})" if dmarc.record else none)
    for step in dmarc.walk:
        _entry(page, "", f"_dmarc.{step.domain}: {_step(step)}")
    if dmarc.organizational_domain:
        _entry(page, "", f"organizational domain, by tree walk: {dmarc.organizational_domain}")
    older = dmarc.rfc7489
    if older.organizational_domain and older.organizational_domain != dmarc.organizational_domain:
        _entry(page, "", f"organizational domain, by the public suffix list (RFC 7489): {older.organizational_domain}")
    if dmarc.policy_tag is not None and dmarc.published_policy is not None:
        testing = f"; t=y, applied as {dmarc.policy.value}" if dmarc.testing and dmarc.policy else ""
        _entry(page, "", f"policy {dmarc.published_policy.value}, by {_TAGS[dmarc.policy_tag]}{testing}")
    for identifier in dmarc.identifiers[:MOST]:
        _entry(page, "", _identifier(identifier, authentication))


def _step(step: DMARCStep) -> str:
    if step.several:
        return "several records, none counts"
    if step.record is not None:
        return f"record found{'' if step.psd in (None, 'u') else f', psd={step.psd}'}"
    return {"answer": "no DMARC record", "nodata": "no record", "nxdomain": "no such name"}.get(
        step.outcome.value.lower(), f"no answer ({words.plain(step.outcome.value.lower())})"
    )


_OPEN = frozenset({"temperror", "not-checked"})


def _identifier(identifier: DMARCIdentifier, authentication: AuthenticationReport) -> str:
    aligned = {True: "aligned", False: "not aligned", None: "alignment not known"}[identifier.aligned]
    passed = ""
    if not identifier.authenticated:
        checks = (
            {check.result.value for check in authentication.dkim if check.sdid == identifier.domain}
            if identifier.method == "dkim"
            else {check.result.value for check in authentication.spf if check.domain == identifier.domain}
        )
        open_still = bool(checks & _OPEN)
        passed = ", was not checked" if open_still else f", {'but' if identifier.aligned else 'and'} did not pass"
    return f"{identifier.method.upper()} {identifier.domain}: {aligned} ({identifier.mode.value}){passed}"
