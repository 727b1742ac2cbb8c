"""Which identifiers are authenticated (RFC 9989 §4.4), and whether they are aligned with the author domain."""

from collections.abc import Callable, Sequence

from mailtrace.auth.dmarc_policy import FOR_WANT_OF_DNS, problem_of
from mailtrace.auth.dmarc_walk import Answers, Walk, can_belong, share_organization, walk
from mailtrace.auth.types import DKIMCheck, SPFCheck, SPFIdentity
from mailtrace.records import Struct
from mailtrace.results import Comparison, DKIMResult, SPFResult


class Identifier(Struct, frozen=True):
    """A domain that SPF or DKIM authenticated, or could have with the answers that are missing."""

    domain: str
    problem: str | None
    """None: authenticated."""


def dkim_identifiers(checks: Sequence[DKIMCheck]) -> tuple[Identifier, ...]:
    """Only a pass authenticates; a signature that lacks nothing but its key might have."""
    found = []
    for check in checks:
        if check.sdid and check.result is DKIMResult.PASS:
            found.append(Identifier(check.sdid, None))
        elif check.sdid and check.problem in FOR_WANT_OF_DNS and check.body_hash is not Comparison.MISMATCH:
            found.append(Identifier(check.sdid, check.problem))
    return tuple(found)


def spf_identifiers(checks: Sequence[SPFCheck]) -> tuple[Identifier, ...]:
    """RFC 9989 §4.4.2: the domain of MAIL FROM, or of HELO where the reverse-path is null."""
    found = []
    for check in checks:
        if check.identity is not SPFIdentity.MAILFROM or check.domain is None:
            continue
        if check.result is SPFResult.PASS:
            found.append(Identifier(check.domain, None))
        elif check.problem in FOR_WANT_OF_DNS:
            found.append(Identifier(check.domain, check.problem))
    return tuple(found)


class Alignment(Struct, frozen=True):
    """Whether a domain is aligned. `holds` None: not known, for want of the answer that `problem` speaks of."""

    holds: bool | None
    problem: str | None = None


Align = Callable[[str], Alignment]


def by_walk(author: str, walked: Walk, dns: Answers) -> Align:
    """Compare organizational domains found by tree walk."""

    def align(domain: str) -> Alignment:
        own = walked.organizational_domain
        if own is not None and not can_belong(domain, own):
            return Alignment(holds=False)
        if not _share_a_parent(author, domain):
            return Alignment(holds=False)  # no walk could find one organizational domain for both
        other = walk(domain, dns)
        failure = walked.failure or other.failure
        return Alignment(share_organization(walked, other), None if failure is None else problem_of(failure))

    return align


def _share_a_parent(one: str, other: str) -> bool:
    return one.rpartition(".")[2] == other.rpartition(".")[2]


def is_aligned(identifiers: Sequence[Identifier], author: str, align: Align, *, strict: bool) -> Alignment:
    """Tell whether an authenticated identifier is aligned, or one that is not settled could be."""
    unsettled: list[str | None] = []
    for identifier in identifiers:
        same = identifier.domain == author
        matches = Alignment(holds=same) if same or strict else align(identifier.domain)
        if matches.holds and identifier.problem is None:
            return Alignment(holds=True)
        if matches.holds is not False:
            unsettled.append(identifier.problem or matches.problem)
    return Alignment(None, unsettled[0]) if unsettled else Alignment(holds=False)
