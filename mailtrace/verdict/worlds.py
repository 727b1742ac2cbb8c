"""What decides authenticity, in every way in which the unanswered DNS questions could have been answered.

A DNS answer that could have been had makes the verdict `indeterminate` only if it could change it. So instead of
asking "is something missing?", we list the possible worlds: for each thing not known for want of DNS, both ways. If the
rules say the same in all of them, that is the verdict.
"""

from collections.abc import Iterator, Sequence
from enum import auto
from itertools import product

from mailtrace.auth.types import ARCSet, Authentication, DKIMCheck, SPFCheck
from mailtrace.enums import Enum
from mailtrace.message.types import Message
from mailtrace.names.organisation import organisation_of
from mailtrace.records import Struct
from mailtrace.results import Comparison, DKIMResult, DMARCPolicy, DMARCResult, SPFResult

_FOR_WANT_OF_DNS = frozenset({"dns-failure", "not-recorded", "offline"})

_ENFORCING = (DMARCPolicy.QUARANTINE, DMARCPolicy.REJECT)

_SHOWN_FIELDS = ("from", "subject", "reply-to", "to", "cc", "date", "content-type", "content-transfer-encoding")
"""Fields of which a message has one (RFC 5322 §3.6, RFC 2045 §3), and which say what a reader sees or answers to.

Many programs go by the topmost; a signature covers the lowest (RFC 6376 §5.4.2, §8.15).
"""


class Record(Enum):
    """The DMARC policy as it applies."""

    ABSENT = auto()
    MONITORED = auto()  # p=none, or the two generations of the standard do not agree that it fails and is enforced
    ENFORCED = auto()  # quarantine or reject


class World(Struct, frozen=True):
    """One way in which the open questions could have been answered."""

    dkim_aligned: bool
    """A signature of an aligned domain verified."""
    spf_aligned: bool
    record: Record
    spf_own_fail: bool
    """SPF fails (`-all`) for an envelope sender of the author's own organisation."""


def worlds(message: Message, authentication: Authentication, passes: Sequence[DKIMCheck]) -> Iterator[World]:
    """Give every possible world; exactly one where nothing is open. `passes`: the signatures that are aligned."""
    author = message.author_domain
    for dkim, spf, record, own_fail in product(
        (True,) if passes else _dkim_aligned(author, authentication),
        _spf_aligned(author, authentication),
        _records(authentication),
        _spf_own_fail(author, authentication),
    ):
        yield World(dkim_aligned=dkim, spf_aligned=spf, record=record, spf_own_fail=own_fail)


def may_align(author: str | None, domain: str | None) -> bool:
    """Tell whether two domains could be aligned by any record: one is the other's parent, or they share a parent."""
    if not author or not domain:
        return False
    if author == domain or author.endswith("." + domain) or domain.endswith("." + author):
        return True
    organisation = organisation_of(author)
    return organisation is not None and organisation == organisation_of(domain)


def aligned_passes(author: str | None, authentication: Authentication) -> tuple[DKIMCheck, ...]:
    """Return the signatures that verified and are, or by the same domain must be, aligned with the author domain."""
    if author is None:
        return ()
    sure = authentication.dmarc.aligned_dkim is True
    return tuple(
        check
        for check in authentication.dkim
        if check.result is DKIMResult.PASS
        and (is_aligned(author, check.sdid, authentication) if sure else check.sdid == author)
    )


def is_aligned(author: str | None, domain: str | None, authentication: Authentication, method: str = "dkim") -> bool:
    """Tell whether a domain speaks for the author domain: as the DMARC record says, where there is one."""
    by_record = {each.domain: each.aligned for each in authentication.dmarc.identifiers if each.method == method}
    return by_record.get(domain or "") is not False and may_align(author, domain)


def passes_by_another(message: Message, authentication: Authentication) -> str | None:
    """Return the domain by which DMARC passes, if it is one of another owner by the public suffix list.

    A public suffix whose DMARC record does not say `psd=y` is the organizational domain of all names below it
    (RFC 9989 §4.10.2), its customers' among them: then one of them passes for another. RFC 7489 keeps them apart.
    """
    if authentication.dmarc.result is not DMARCResult.PASS:
        return None
    passed = [each.domain for each in authentication.dmarc.identifiers if each.authenticated and each.aligned]
    if any(may_align(message.author_domain, domain) for domain in passed):
        return None
    return passed[0] if passed else None


def rests_on_archive(passes: Sequence[DKIMCheck]) -> bool:
    """Tell whether every aligned signature verifies with a key from elsewhere than DNS: it proves as much as that."""
    return bool(passes) and all(check.key_source == "archive" for check in passes)


def leaves_unsigned(message: Message, check: DKIMCheck | ARCSet) -> bool:
    """Tell whether a reader would see something as signed that this signature does not cover.

    Text behind `l=` (RFC 6376 §8.2), or a second copy of a shown field above the signed one (§8.15).
    """
    return bool(check.unsigned_octets) or bool(half_signed(message, check))


def half_signed(message: Message, check: DKIMCheck | ARCSet) -> tuple[str, ...]:
    """Return the names of the fields of which one is signed, and another stands above it."""
    several = [name for name in _SHOWN_FIELDS if len(message.by_name.get(name, ())) > 1]
    return tuple(name for name in several if 0 < check.signed_fields.count(name) < len(message.by_name[name]))


def _dkim_aligned(author: str | None, authentication: Authentication) -> tuple[bool, ...]:
    unsure = authentication.dmarc.aligned_dkim is None and any(
        check.result is DKIMResult.PASS and may_align(author, check.sdid) for check in authentication.dkim
    )
    open_ = any(_could_pass(check) and is_aligned(author, check.sdid, authentication) for check in authentication.dkim)
    return (True, False) if unsure or open_ else (False,)


def _could_pass(check: DKIMCheck) -> bool:
    """Tell whether the key, had DNS given it, could make this signature verify."""
    return check.problem in _FOR_WANT_OF_DNS and check.body_hash is not Comparison.MISMATCH


def _spf_aligned(author: str | None, authentication: Authentication) -> tuple[bool, ...]:
    # RFC 9989 §4.4.2: HELO alone aligns nothing.
    sent = [
        check
        for check in authentication.spf
        if check.identity == "mailfrom" and is_aligned(author, check.domain, authentication, "spf")
    ]
    passes = any(check.result is SPFResult.PASS for check in sent)
    if authentication.dmarc.aligned_spf and passes:
        return (True,)
    unsure = authentication.dmarc.aligned_spf is None and passes
    return (True, False) if unsure or any(map(is_unanswered, sent)) else (False,)


def is_unanswered(check: SPFCheck) -> bool:
    """Tell whether this check has no result for want of a DNS answer."""
    return check.problem in _FOR_WANT_OF_DNS


def _records(authentication: Authentication) -> tuple[Record, ...]:
    dmarc = authentication.dmarc
    if dmarc.record is None and dmarc.result in (DMARCResult.TEMPERROR, DMARCResult.NOT_CHECKED):
        return tuple(Record) if dmarc.problem in _FOR_WANT_OF_DNS else (Record.ABSENT,)
    if dmarc.record is None or dmarc.result is DMARCResult.NONE:
        return (Record.ABSENT,)
    older = dmarc.rfc7489
    older_enforces = older.policy in _ENFORCING and older.result is not DMARCResult.PASS
    if dmarc.policy is None and dmarc.problem in _FOR_WANT_OF_DNS and older_enforces:
        return (Record.ENFORCED, Record.MONITORED)  # whether the author domain exists decides between `sp` and `np`
    enforced = dmarc.policy in _ENFORCING and older_enforces
    return (Record.ENFORCED,) if enforced else (Record.MONITORED,)


def own_senders(author: str | None, authentication: Authentication) -> list[SPFCheck]:
    """Return the checks of an envelope sender of the author's own organisation."""
    return [check for check in authentication.spf if may_align(author, check.domain) and check.identity == "mailfrom"]


def _spf_own_fail(author: str | None, authentication: Authentication) -> tuple[bool, ...]:
    own = own_senders(author, authentication)
    if any(check.result is SPFResult.FAIL for check in own):
        return (True,)
    return (True, False) if any(is_unanswered(check) for check in own) else (False,)
