"""Why a stamped SPF or DMARC result is not what is computed here. None: it is the same.

The questions are asked in the order in which an answer excludes the later ones: could it be computed at all; did the
stamp judge the same thing; does it say the same in other words; and only then, what has changed since.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from mailtrace.auth.difference_types import Reason
from mailtrace.auth.stamped import HELO, MAIL_FROM, is_of_helo, stamped_client, stated
from mailtrace.auth.types import (
    Authentication,
    ClaimedResults,
    MethodClaim,
    SPFCheck,
)
from mailtrace.findings import excerpt
from mailtrace.records import Struct
from mailtrace.results import DMARCResult, SPFResult, Standing

SAME_TIME = timedelta(days=7)
"""DNS answers from within this time of the reception count as of that time, as in the verdict."""

_OTHER_WORDS = {
    "hardfail": "fail",
    "error": "temperror",
    "timeout": "temperror",
    "tempfail": "temperror",
    "temp_error": "temperror",
    "unknown": "permerror",
    "invalid": "permerror",
    "permfail": "permerror",
    "perm_error": "permerror",
}
"""Words that receivers write beside those of RFC 8601 §2.7, and what they mean."""


class Why(Struct, frozen=True, kw_only=True):
    """A reason, and a sentence about this case."""

    reason: Reason
    detail: str


class Compared(Struct, frozen=True, kw_only=True):
    """What all stamps of one message are compared with."""

    authentication: Authentication
    clients: Mapping[str, int]
    """Client address of every hop -> its index."""
    border: int | None
    border_field: int | None
    """Index of the border's Received field among all fields."""
    received_at: datetime | None
    dns_at: datetime | None
    signature_fields: tuple[int, ...]
    """Where each DKIM-Signature stands."""
    seal_fields: tuple[int, ...]
    """Where each ARC-Seal stands."""

    @property
    def other_time(self) -> bool | None:
        """True if the DNS answers are not of the time of reception; None if that cannot be told."""
        if self.dns_at is None or self.received_at is None:
            return None
        return abs(self.dns_at - self.received_at) > SAME_TIME

    @property
    def times(self) -> str:
        """Name both days."""
        if self.dns_at is None or self.received_at is None:
            return "when the DNS answers or the message are from is not known"
        return f"DNS of {self.dns_at:%Y-%m-%d}, message of {self.received_at:%Y-%m-%d}"

    def is_earlier(self, field: ClaimedResults) -> bool:
        """True if the stamp was written before the receiving side took over."""
        below = self.border_field is not None and field.field > self.border_field
        return below and field.standing is not Standing.TRUSTED


def word_of(stamp: MethodClaim) -> str:
    """Return the word of RFC 8601 that the stamp means."""
    return _OTHER_WORDS.get(stamp.result, stamp.result)


def unanswered(problem: str | None, result: str) -> Why | None:
    """Say that it was not computed, if so."""
    if result == "temperror":
        return Why(reason=Reason.DNS_UNANSWERED, detail="DNS did not answer here.")
    if result == "not-checked":
        what = (problem or "not known").replace("-", " ")
        return Why(reason=Reason.NOT_EVALUATED, detail=f"It could not be computed here: {what}.")
    return None


def _since(compared: Compared, what: str) -> Why:
    """Say that `what` may be since then; where the times do not show it, say that nothing explains the difference."""
    match compared.other_time:
        case True:
            return Why(reason=Reason.RECORD_CHANGED, detail=f"{what} ({compared.times}).")
        case False:
            detail = f"The DNS answers are of the same days ({compared.times}): nothing here explains it."
        case None:
            detail = f"{what}; {compared.times}."
    return Why(reason=Reason.UNEXPLAINED, detail=detail)


# -- SPF ---------------------------------------------------------------------------------------------------------------

# RFC 7208 §8.2: a neutral result is treated exactly like none; what a broken record comes to is local policy (§8.7).
_NO_ASSERTION = frozenset({"none", "neutral", "permerror"})
_LIMITS = frozenset({"lookup-limit", "void-limit", "mx-limit", "ptr-limit"})


def spf_reason(compared: Compared, field: ClaimedResults, stamp: MethodClaim, check: SPFCheck) -> Why | None:
    """Compare an SPF stamp with the check of the same identity."""
    word, computed = word_of(stamp), check.result.value
    if stamp.result == computed:
        return None
    if missing := unanswered(check.problem, computed):
        return missing
    if other := _other_session(compared, field, stamp, check):
        return other
    if word == computed:
        return Why(reason=Reason.POLICY_WORD, detail=f"{stamp.result} is another word for {computed}.")
    if word == SPFResult.TEMPERROR:
        return Why(reason=Reason.DNS_UNANSWERED, detail="DNS did not answer the server that wrote the stamp.")
    if check.problem in _LIMITS or (word == "permerror" and check.lookups > 7):
        return Why(
            reason=Reason.LIMITS_DIFFER,
            detail=f"The record needs {check.lookups} lookups; servers differ in how they count them to ten.",
        )
    if {word, computed} <= _NO_ASSERTION:
        detail = f"{stamp.result} and {computed} both say that SPF asserts nothing about this client."
        return Why(reason=Reason.POLICY_WORD, detail=detail)
    if check.result is SPFResult.NONE:
        return _since(compared, "The domain has no SPF record now, and may have had one then")
    return _since(compared, "Its SPF record may have changed since")


def _other_session(compared: Compared, field: ClaimedResults, stamp: MethodClaim, check: SPFCheck) -> Why | None:
    """Say if the stamp judged another client or domain than we."""
    client = stamped_client(stamp)
    if client is not None and check.client_ip is not None and client != check.client_ip:
        hop = compared.clients.get(client)
        if hop is not None and compared.border is not None and hop != compared.border:
            detail = f"It judged {client}, the client of hop {hop}; here it is {check.client_ip}, the border's."
            return Why(reason=Reason.FORWARDERS_VIEW, detail=detail)
        detail = f"It judged the client {client}; here it is {check.client_ip}."
        return Why(reason=Reason.OTHER_IDENTITY, detail=detail)
    domains = stated(stamp, HELO if is_of_helo(stamp) else MAIL_FROM)
    if domains and check.domain is not None and check.domain not in domains:
        detail = f"It judged {excerpt(domains[0])}; here it is {check.domain}."
        return Why(reason=Reason.OTHER_IDENTITY, detail=detail)
    if client is None and compared.is_earlier(field):
        detail = "It was written at an earlier step, where another server handed the message over."
        return Why(reason=Reason.FORWARDERS_VIEW, detail=detail)
    return None


# -- DMARC -------------------------------------------------------------------------------------------------------------

_NO_POLICY = frozenset({"none", "permerror", "bestguesspass", "bestguessfail"})


def dmarc_reason(
    compared: Compared, field: ClaimedResults, stamp: MethodClaim, explained: Mapping[str, Why]
) -> Why | None:
    """Compare a DMARC stamp. `explained`: the SPF and DKIM differences of the same field, by domain."""
    check = compared.authentication.dmarc
    word, computed = word_of(stamp), check.result.value
    if stamp.result == computed:
        return None
    domains = stated(stamp, ("header.from",))
    if domains and check.author_domain is not None and check.author_domain not in domains:
        detail = f"It judged {excerpt(domains[0])}; From of this copy is of {check.author_domain}."
        return Why(reason=Reason.OTHER_IDENTITY, detail=detail)
    if missing := unanswered(check.problem, computed):
        return missing
    if check.author_domain is None and word in ("pass", "fail"):
        detail = "It judged one author domain; From of this copy names none, or several."
        return Why(reason=Reason.OTHER_IDENTITY, detail=detail)
    if word == "temperror":
        return Why(reason=Reason.DNS_UNANSWERED, detail="DNS did not answer the server that wrote the stamp.")
    if word == computed:
        return Why(reason=Reason.POLICY_WORD, detail=f"{stamp.result} is another word for {computed}.")
    if {word, computed} <= _NO_POLICY:
        detail = f"{stamp.result} and {computed} both say that no policy of the author domain applied."
        return Why(reason=Reason.POLICY_WORD, detail=detail)
    if check.rfc7489.result.value == word:
        return Why(reason=Reason.OLDER_RULES, detail=f"By the older rules (RFC 7489) it is {word} here too.")
    return _dmarc_changed(compared, field, word, explained)


def _aligned(author: str | None, explained: Mapping[str, Why]) -> tuple[str, Why] | None:
    """Return the difference that bears on DMARC: of the author domain's organisation, and a difference in fact."""
    return next(
        (
            (domain, why)
            for domain, why in explained.items()
            if author and f".{domain}".endswith(f".{author}") and why.reason is not Reason.POLICY_WORD
        ),
        None,
    )


def _dmarc_changed(compared: Compared, field: ClaimedResults, word: str, explained: Mapping[str, Why]) -> Why:
    authentication = compared.authentication
    check = authentication.dmarc
    if word in ("pass", "fail") and check.result in (DMARCResult.PASS, DMARCResult.FAIL):
        if follows := _aligned(check.organizational_domain or check.author_domain, explained):
            domain, why = follows
            detail = f"It follows from {excerpt(domain)}, above ({why.reason.replace('-', ' ')})."
            return Why(reason=Reason.FOLLOWS, detail=detail)
        if compared.is_earlier(field):
            detail = "It was written at an earlier step, of the message as it was there."
            return Why(reason=Reason.FORWARDERS_VIEW, detail=detail)
        if all(spf.result is SPFResult.NOT_CHECKED for spf in authentication.spf):
            return Why(reason=Reason.NOT_EVALUATED, detail="SPF could not be repeated here, and could decide it.")
    if check.result is DMARCResult.NONE:
        return _since(compared, "The domain has no DMARC record now, and may have had one then")
    return _since(compared, "Its DMARC record may have changed since")
