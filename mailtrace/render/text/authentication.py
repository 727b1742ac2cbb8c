"""The checks: what mailtrace computed beside what the receiving server stamped, and what others claim."""

from collections.abc import Callable, Sequence

from mailtrace.auth.dkim2_types import DKIM2Chain, DKIM2Status
from mailtrace.auth.stamped import identity_of, names, speaks_of_signature, speaks_of_spf
from mailtrace.auth.types import (
    ARCCheck,
    ClaimedResults,
    DKIMCheck,
    DMARCCheck,
    MethodClaim,
    SPFCheck,
    SPFIdentity,
)
from mailtrace.records import Struct
from mailtrace.render.text import differences, words
from mailtrace.render.text.page import Cell, Page, Styled
from mailtrace.report import AuthenticationReport, DNSReport, Report
from mailtrace.resolver import Mode
from mailtrace.results import DKIMResult, Standing

MOST = 50
"""Rows of one kind that are shown."""
STAMPS = 200
"""Stamped results that are set beside the computed ones."""

_GOOD = "green"
_BAD = "bold red"
_STYLES = {"pass": _GOOD, "fail": _BAD, "softfail": "yellow", "permerror": "yellow", "temperror": "yellow"}


class _Row(Struct, frozen=True, kw_only=True):
    method: str
    domain: str
    now: Cell
    stamps: tuple[MethodClaim, ...]


def write(page: Page, report: Report, *, verbose: bool = False) -> None:
    """Write the section."""
    authentication = report.authentication
    trusted = [claim for claim in authentication.claims if claim.standing is Standing.TRUSTED]
    stamps = [stamp for claim in trusted for stamp in claim.results][:STAMPS]
    rows = _rows(authentication, stamps)
    stamper = f"; stamped by {_stamper(trusted)}" if trusted else ""
    page.heading(f"Authentication, {_dns(report.dns)}{stamper}")
    head: list[Cell] = ["", "", Styled("computed now", "bold")]
    if trusted:
        head.append(Styled("stamped", "bold"))
    page.table([head, *(_cells(row, stamped=bool(trusted)) for row in rows)])
    _client(page, report)
    if not trusted:
        page.line("The receiving side left no stamp of its own checks in this file.", indent=2)
    differences.write(page, authentication, verbose=verbose)
    _claims(page, authentication.claims)


def _dns(dns: DNSReport) -> str:
    if dns.mode is Mode.OFFLINE:
        return "without asking DNS"
    if dns.mode is Mode.LIVE:
        return "by the DNS of today"
    if dns.recorded_at is None:
        return "by recorded DNS, undated"
    return f"by DNS recorded on {dns.recorded_at.date().isoformat()}"


def _stamper(trusted: Sequence[ClaimedResults]) -> str:
    names = list(dict.fromkeys(claim.authserv_id for claim in trusted if claim.authserv_id))
    return words.listed(names, limit=2) if names else "the receiving side"


def _rows(authentication: AuthenticationReport, stamps: list[MethodClaim]) -> list[_Row]:
    """Pair each result with the stamps that speak of the same thing; a stamp without a partner has its own row."""
    left = list(stamps)
    rows = [_spf(check, left) for check in authentication.spf]
    rows += [_dkim(check, authentication, left) for check in authentication.dkim[:MOST]]
    if not authentication.dkim:
        rows.append(_Row(method="DKIM", domain="-", now="not signed", stamps=_take(left, "dkim", _is_none)))
    if len(authentication.dkim) > MOST:
        more = f"{len(authentication.dkim) - MOST:,} signatures more"
        rows.append(_Row(method="DKIM", domain=more, now="see the JSON", stamps=()))
    rows += _dmarc(authentication.dmarc, left)
    rows.append(_arc(authentication.arc, left))
    if authentication.dkim2.status is not DKIM2Status.NONE:
        rows.append(_dkim2(authentication.dkim2))
    known = [stamp for stamp in left if stamp.method in ("spf", "dkim", "dmarc", "arc")]
    rows += [
        _Row(method=stamp.method.upper(), domain=identity_of(stamp) or "-", now="-", stamps=(stamp,))
        for stamp in known[:MOST]
    ]
    return rows


def _cells(row: _Row, *, stamped: bool) -> list[Cell]:
    cells: list[Cell] = [Styled(row.method, "bold"), row.domain, row.now]
    if stamped:
        stamps = ", ".join(dict.fromkeys(stamp.result for stamp in row.stamps))
        cells.append(_result(stamps, "") if stamps else "-")
    return cells


def _result(word: str, more: str) -> Cell:
    return (Styled(words.plain(word) if word == "not-checked" else word, _STYLES.get(word, "")), more)


def _problem(problem: str | None) -> str:
    return f": {words.plain(problem)}" if problem else ""


def _spf(check: SPFCheck, left: list[MethodClaim]) -> _Row:
    domain = check.domain or "-"
    if check.identity is SPFIdentity.HELO:
        domain += " (as HELO)"
    more = f", by {check.mechanism}" if check.mechanism else ""
    return _Row(
        method="SPF",
        domain=domain,
        now=_result(check.result.value, more + _problem(check.problem)),
        stamps=_take(left, "spf", lambda stamp: speaks_of_spf(stamp, check)),
    )


def _dkim(check: DKIMCheck, authentication: AuthenticationReport, left: list[MethodClaim]) -> _Row:
    more = _problem(check.problem)
    if check.result is DKIMResult.PASS:
        more += _aligned(check, authentication)
    if check.alteration is not None:
        proof = "proved" if check.alteration.proved else "not proved"
        more += f"; {words.plain(check.alteration.kind)} ({proof})"
    domain = check.sdid or "-"
    if [other.sdid for other in authentication.dkim].count(check.sdid) > 1:
        domain += f" ({check.selector or 'no selector'}, {check.algorithm or 'no algorithm'})"
    return _Row(
        method="DKIM",
        domain=domain,
        now=_result(check.result.value, more),
        stamps=_take(left, "dkim", lambda stamp: speaks_of_signature(stamp, check)),
    )


def _aligned(check: DKIMCheck, authentication: AuthenticationReport) -> str:
    """Say whether this signature is the author's, where that can be told of this one."""
    dmarc = authentication.dmarc
    if dmarc.aligned_dkim is False:
        return ", not aligned with From"
    passing = sum(other.result is DKIMResult.PASS for other in authentication.dkim)
    if check.sdid == dmarc.author_domain or (dmarc.aligned_dkim and passing == 1):
        return ", aligned with From"
    return ""


def _dmarc(check: DMARCCheck, left: list[MethodClaim]) -> list[_Row]:
    domain = check.author_domain or "no author domain"
    rows = [
        _Row(
            method="DMARC",
            domain=domain,
            now=_result(check.result.value, _policy(check) + _problem(check.problem)),
            stamps=_take(left, "dmarc", lambda stamp: names(stamp, ("header.from",), check.author_domain)),
        )
    ]
    older = check.rfc7489
    if older.result is not check.result:
        policy = f", p={older.policy.value}" if older.policy else ""
        by = older.organizational_domain or domain
        now = _result(older.result.value, policy)
        rows.append(_Row(method="", domain=f"{by} (older rules, RFC 7489)", now=now, stamps=()))
    return rows


def _policy(check: DMARCCheck) -> str:
    if check.policy is None:
        return ""
    shown = f", p={check.policy.value}"
    if check.published_policy is not None and check.published_policy is not check.policy:
        shown += f" (published {check.published_policy.value}{', testing' if check.testing else ''})"
    return shown


def _arc(check: ARCCheck, left: list[MethodClaim]) -> _Row:
    sealers = [arc_set.sdid or "?" for arc_set in check.sets]
    more = f", {words.count(len(sealers), 'set')}" if sealers else ""
    return _Row(
        method="ARC",
        domain=words.listed(list(dict.fromkeys(sealers)), limit=3) or "-",
        now=_result(check.result.value, more + _problem(check.problem) + _failed(check)),
        stamps=_take(left, "arc", lambda _: True),
    )


def _failed(check: ARCCheck) -> str:
    """Say what is wrong with the signature that the chain fails for: a key that is gone is not an altered message."""
    problems = [one.seal_problem for one in reversed(check.sets)]
    if check.problem == "message-signature" and check.sets:
        problems = [check.sets[-1].message_problem]
    elif check.problem != "seal":
        return ""
    return next((f" ({words.plain(problem)})" for problem in problems if problem), "")


def _dkim2(chain: DKIM2Chain) -> _Row:
    signers = list(dict.fromkeys(signature.sdid or "?" for signature in chain.signatures))
    now = "malformed" if chain.status is DKIM2Status.MALFORMED else "not checked: a draft"
    return _Row(method="DKIM2", domain=words.listed(signers, limit=3), now=now, stamps=())


def _take(left: list[MethodClaim], method: str, speaks_of_it: Callable[[MethodClaim], bool]) -> tuple[MethodClaim, ...]:
    """Take the stamps of a method out of those left that speak of the same thing."""
    taken = tuple(stamp for stamp in left if stamp.method == method and speaks_of_it(stamp))
    left[:] = [stamp for stamp in left if stamp not in taken]
    return taken


def _is_none(stamp: MethodClaim) -> bool:
    return stamp.result == "none"


_SOURCES = {
    "given": "as given on the command line",
    "received": "as recorded at the border",
    "received-spf": "by the Received-SPF field",
    "return-path": "by the Return-Path field",
}


def _client(page: Page, report: Report) -> None:
    session = report.session
    if session.client_ip is None:
        page.line("SPF: the address that handed the message over is not known.", indent=2)
        return
    source = _SOURCES.get(session.client_ip_source.value, "") if session.client_ip_source else ""
    page.line(f"SPF is of {session.client_ip}, the client {source}".rstrip() + ".", indent=2)


_NAMES = ("authentication-results", "received-spf")


def _claims(page: Page, claims: Sequence[ClaimedResults]) -> None:
    others = [claim for claim in claims if claim.standing is not Standing.TRUSTED and claim.results]
    for claim in others[:MOST]:
        writer = claim.authserv_id or "somebody unnamed"
        results = [f"{result.method}={result.result}" for result in claim.results]
        verb = "contradicted claim of" if claim.standing is Standing.CONTRADICTED else "claimed by"
        # A gateway that kept a stamp under another name has said by it that it does not vouch for it.
        aside = f", put aside as {claim.name}" if claim.name.lower() not in _NAMES else ""
        page.entry("", f"{verb} {writer}{aside}, not trusted: {words.listed(results, limit=8)}", column=2)
    if len(others) > MOST:
        page.line(f"{len(others) - MOST:,} claims more, all in the JSON", indent=2)
