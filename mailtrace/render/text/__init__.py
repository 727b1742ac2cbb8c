"""The report as text: verdict, why, what next, what changed, the path, the checks. Nothing needs colour to be read."""

from mailtrace.render.text import alteration, authentication, details, findings, hops, path, transport, verdict
from mailtrace.render.text.page import Page
from mailtrace.report import Report


def render(
    report: Report,
    *,
    width: int = 80,
    encoding: str = "utf-8",
    color: bool = False,
    verbose: bool = False,
    explain_hops: bool = False,
    title: str | None = None,
) -> str:
    """Write the report; `title` names it where there are several. `verbose` explains the hops as well."""
    page = Page(width=width, encoding=encoding)
    if title is not None:
        page.ruled(title, indent=0, style="bold")
        page.blank()
    verdict.write(page, report)
    alteration.write(page, report)
    transport.write_policy(page, report, verbose=verbose)
    path.write(page, report, verbose=verbose)
    if verbose or explain_hops:
        hops.write(page, report, fields=verbose)
    authentication.write(page, report, verbose=verbose)
    if verbose:
        findings.write(page, report)
        verdict.write_open_points(page, report)
        transport.write_details(page, report)
        details.write(page, report)
    findings.write_footer(page, report, verbose=verbose)
    return page.printed(color=color)
