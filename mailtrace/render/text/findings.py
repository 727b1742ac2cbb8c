"""The findings with their evidence, and the line at the foot of the report."""

from collections.abc import Sequence

from mailtrace.findings import Evidence, Finding
from mailtrace.render.text import words
from mailtrace.render.text.page import Page, Styled
from mailtrace.render.text.verdict import SEVERITY_STYLES
from mailtrace.report import Report
from mailtrace.resolver import Mode
from mailtrace.results import Confidence, Severity

MOST = 200
"""Findings that are shown."""
EVIDENCE = 10
"""Pieces of evidence that are shown of each."""

_COLUMN = 12


def write(page: Page, report: Report) -> None:
    """Write every finding, worst first."""
    if not report.findings:
        return
    page.heading("Findings")
    for finding in report.findings[:MOST]:
        _finding(page, finding)
    if len(report.findings) > MOST:
        page.line(f"{len(report.findings) - MOST:,} findings more, all in the JSON", indent=2)


def _finding(page: Page, finding: Finding) -> None:
    doubt = "" if finding.confidence is Confidence.HIGH else f" (confidence: {finding.confidence.value})"
    page.entry(
        Styled(finding.severity.value.upper(), SEVERITY_STYLES[finding.severity]),
        (Styled(finding.code, "bold"), f"  {finding.title}{doubt}"),
        column=_COLUMN,
        indent=2,
    )
    page.line(finding.detail, indent=_COLUMN)
    for evidence in finding.evidence[:EVIDENCE]:
        page.entry("", _evidence(evidence), column=_COLUMN + 2, style="dim", wide=True)
    if len(finding.evidence) > EVIDENCE:
        page.line(f"{len(finding.evidence) - EVIDENCE:,} places more, all in the JSON", indent=_COLUMN + 2)
    page.line(finding.reference, indent=_COLUMN + 2, style="dim")


def _evidence(evidence: Evidence) -> str:
    place = evidence.source if evidence.line is None else f"{evidence.source}, line {evidence.line}"
    return f"{place}: {evidence.excerpt}" if evidence.excerpt else place


def write_footer(page: Page, report: Report, *, verbose: bool) -> None:
    """Say what else there is to see, and where the DNS answers came from."""
    page.blank()
    parts = []
    hidden = [finding for finding in report.findings if finding.code not in report.verdict.reasons]
    if hidden and not verbose:
        parts.append(f"{words.count(len(hidden), 'finding')} more with -v ({_severities(hidden)})")
    elif not verbose:
        parts.append("evidence with -v")
    parts += ["JSON with --json", f"`mailtrace explain {report.verdict.reasons[0]}`", _dns(report)]
    page.flow(parts, style="dim")


def _severities(findings: Sequence[Finding]) -> str:
    counts = dict.fromkeys(reversed(Severity), 0)
    for finding in findings:
        counts[finding.severity] += 1
    return ", ".join(f"{number} {severity.value}" for severity, number in counts.items() if number)


def _dns(report: Report) -> str:
    dns = report.dns
    if dns.mode is Mode.OFFLINE:
        return "DNS: none asked"
    source = "live" if dns.mode is Mode.LIVE else "from the recording"
    missing = f", {dns.unanswered} without an answer" if dns.unanswered else ""
    return f"DNS: {words.count(dns.questions, 'question')} {source}{missing}"
