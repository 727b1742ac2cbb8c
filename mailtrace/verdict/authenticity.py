"""Is it really from who it says? DESIGN's five rules, the first that holds.

`Rule` names which one it was, so that reasons, summary and next steps follow from the decision and not beside it.
"""

from datetime import datetime, timedelta
from enum import auto

from mailtrace.auth.types import Authentication, DKIMCheck, Source, SPFIdentity
from mailtrace.enums import StrEnum
from mailtrace.message.types import Message
from mailtrace.path.types import BorderSource, Path
from mailtrace.records import Struct
from mailtrace.resolver import Mode
from mailtrace.results import Authenticity, Basis, DMARCResult, SPFResult, Standing
from mailtrace.verdict.causes import Causes, causes
from mailtrace.verdict.lookalike import Imitation, imitation
from mailtrace.verdict.worlds import (
    Record,
    World,
    aligned_passes,
    is_unanswered,
    leaves_unsigned,
    may_align,
    passes_by_another,
    worlds,
)

_OF_THAT_TIME = timedelta(days=7)
"""DNS answers count as those of the reception when they are no further from it than this."""


class DNSTime(Struct, frozen=True, kw_only=True):
    """When the DNS answers are from."""

    mode: Mode
    at: datetime | None
    """The recording's time, or the clock of a live run; None where the recording does not say."""


class Rule(StrEnum):
    """Which rule decided."""

    UNANSWERED = auto()
    ENFORCED_FAIL = auto()
    CLAIMED_CAUSE = auto()  # DMARC fails, enforced, and an ordinary cause is claimed but not proved
    OTHER_TIME = auto()  # DMARC fails, enforced, by DNS that is not of the reception's time
    MONITORED_FAIL = auto()
    AUTHORS = auto()  # no author, several, or one without a domain
    LOOK_ALIKE = auto()  # the author domain is read as another one
    CONTRADICTION = auto()
    UNSIGNED_SHOWN = auto()
    OWN_SPF_FAIL = auto()
    DKIM = auto()
    SPF = auto()
    STAMP = auto()
    SPF_INFERRED = auto()
    SHARED_SUFFIX = auto()  # DMARC passes by a domain of another owner, below the same public suffix
    SHARED_SUFFIX_FAIL = auto()  # and fails by the older rules, which keep such owners apart
    PROVED_CAUSE = auto()  # nothing verifies here, and it is proved, or recorded by the receiver, that it passed before
    NOT_JUDGED = auto()  # DMARC would fail, but the file lacks what SPF needs
    RECONSTRUCTED = auto()  # DMARC would fail, but the file does not keep what the author domain signed
    NOTHING = auto()


_WORDS = {
    Rule.UNANSWERED: Authenticity.INDETERMINATE,
    Rule.ENFORCED_FAIL: Authenticity.FORGED,
    Rule.CLAIMED_CAUSE: Authenticity.SUSPICIOUS,
    Rule.OTHER_TIME: Authenticity.SUSPICIOUS,
    Rule.MONITORED_FAIL: Authenticity.SUSPICIOUS,
    Rule.AUTHORS: Authenticity.SUSPICIOUS,
    Rule.LOOK_ALIKE: Authenticity.SUSPICIOUS,
    Rule.CONTRADICTION: Authenticity.SUSPICIOUS,
    Rule.UNSIGNED_SHOWN: Authenticity.SUSPICIOUS,
    Rule.OWN_SPF_FAIL: Authenticity.SUSPICIOUS,
    Rule.DKIM: Authenticity.AUTHENTIC,
    Rule.SPF: Authenticity.AUTHENTIC,
    Rule.STAMP: Authenticity.AUTHENTIC,
    Rule.SPF_INFERRED: Authenticity.UNPROVEN,
    Rule.SHARED_SUFFIX: Authenticity.UNPROVEN,
    Rule.SHARED_SUFFIX_FAIL: Authenticity.SUSPICIOUS,
    Rule.PROVED_CAUSE: Authenticity.UNPROVEN,
    Rule.NOT_JUDGED: Authenticity.UNPROVEN,
    Rule.RECONSTRUCTED: Authenticity.UNPROVEN,
    Rule.NOTHING: Authenticity.UNPROVEN,
}

BASES = {Rule.DKIM: Basis.DKIM, Rule.SPF: Basis.SPF, Rule.STAMP: Basis.STAMP}


class Decision(Struct, frozen=True, kw_only=True):
    """The first answer, and how it came about."""

    rule: Rule
    causes: Causes
    passes: tuple[DKIMCheck, ...]
    """The signatures that verified and speak for the author domain."""
    imitates: Imitation | None
    """As what the author domain is read, if not as itself."""
    possible: tuple[Authenticity, ...]
    """What it could have been, had every question been answered; one word unless `indeterminate`."""

    @property
    def speaking(self) -> tuple[DKIMCheck, ...]:
        """The author domain's signatures that say what it signed: that verified, or that do with a change undone."""
        if self.passes or self.rule is not Rule.PROVED_CAUSE or self.causes.altered is None:
            return self.passes
        return (self.causes.altered,)

    @property
    def authenticity(self) -> Authenticity:
        """The word."""
        return _WORDS[self.rule]


class _Known(Struct, frozen=True, kw_only=True):
    """What decides besides the open questions."""

    causes: Causes
    authors: bool
    look_alike: bool
    contradiction: bool
    unsigned_shown: bool
    spf_evaluated: bool
    reconstructed: bool
    """The author domain signed, and the file does not keep the octets that it signed."""
    spf_counts: bool
    """An SPF pass proves: the border's client was given, and the match is narrow."""
    border_given: bool
    of_that_time: bool
    shared_suffix: Rule | None
    """DMARC passes by a domain of another owner alone: what that makes of it."""


def decide(message: Message, path: Path, authentication: Authentication, dns: DNSTime) -> Decision:
    """Apply the rules in every possible world."""
    passes = aligned_passes(message.author_domain, authentication)
    imitates = imitation(message, path)
    known = _known(message, path, authentication, dns, passes, look_alike=imitates is not None)
    rules = [_rule(world, known) for world in worlds(message, authentication, passes)]
    words = {_WORDS[rule] for rule in rules}
    possible = tuple(words) if len(words) == 1 else tuple(word for word in Authenticity if word in words)
    rule = rules[-1] if len(possible) == 1 else Rule.UNANSWERED
    return Decision(rule=rule, causes=known.causes, passes=passes, imitates=imitates, possible=possible)


def _rule(world: World, known: _Known) -> Rule:
    aligned = world.dkim_aligned or world.spf_aligned
    fails = world.record is not Record.ABSENT and not aligned and known.shared_suffix is None
    judged = known.spf_evaluated and not known.reconstructed
    if fails and judged and not known.causes.proved and not known.authors:
        if world.record is Record.MONITORED:
            return Rule.MONITORED_FAIL
        if known.causes.claimed:
            return Rule.CLAIMED_CAUSE
        return Rule.ENFORCED_FAIL if known.of_that_time or known.causes.stamped_fail else Rule.OTHER_TIME
    if known.authors:
        return Rule.AUTHORS
    if known.look_alike:
        return Rule.LOOK_ALIKE
    if known.contradiction:
        return Rule.CONTRADICTION
    if known.shared_suffix is not None and not aligned:
        return known.shared_suffix
    if world.dkim_aligned:
        return Rule.UNSIGNED_SHOWN if known.unsigned_shown else Rule.DKIM
    if world.record is Record.ABSENT and world.spf_own_fail and not known.causes.proved:
        return Rule.OWN_SPF_FAIL
    if world.spf_aligned:
        return Rule.SPF if known.spf_counts else _stamp(known, fails) or Rule.SPF_INFERRED
    return _stamp(known, fails) or _unproven(known, fails)


def _stamp(known: _Known, fails: bool) -> Rule | None:
    counts = known.causes.stamped_pass and not known.causes.stamp_disputed
    return Rule.STAMP if counts and known.border_given and not fails else None


def _unproven(known: _Known, fails: bool) -> Rule:
    if known.causes.proved:
        return Rule.PROVED_CAUSE
    if fails and known.reconstructed:
        return Rule.RECONSTRUCTED
    return Rule.NOT_JUDGED if fails else Rule.NOTHING


def _known(
    message: Message,
    path: Path,
    authentication: Authentication,
    dns: DNSTime,
    passes: tuple[DKIMCheck, ...],
    *,
    look_alike: bool,
) -> _Known:
    session = authentication.session
    given = path.border_source is BorderSource.GIVEN
    return _Known(
        causes=causes(message, path, authentication),
        authors=message.author_domain is None,
        look_alike=look_alike,
        contradiction=any(
            hop.standing is Standing.CONTRADICTED
            for hop in path.hops
            if path.border is None or hop.index >= path.border
        ),
        unsigned_shown=bool(passes) and all(leaves_unsigned(message, check) for check in passes),
        spf_evaluated=_spf_evaluated(authentication),
        reconstructed=any(
            check.problem == "reconstructed" and may_align(message.author_domain, check.sdid)
            for check in authentication.dkim
        ),
        spf_counts=(given or session.client_ip_source is Source.GIVEN)
        and all(check.narrow for check in authentication.spf if check.result is SPFResult.PASS),
        border_given=given,
        of_that_time=_of_that_time(path, dns),
        shared_suffix=_shared_suffix(message, authentication),
    )


def _shared_suffix(message: Message, authentication: Authentication) -> Rule | None:
    if passes_by_another(message, authentication) is None:
        return None
    older_fails = authentication.dmarc.rfc7489.result is DMARCResult.FAIL
    return Rule.SHARED_SUFFIX_FAIL if older_fails else Rule.SHARED_SUFFIX


def _spf_evaluated(authentication: Authentication) -> bool:
    """Tell whether the file holds what SPF of the envelope sender needs.

    Without a client or an envelope sender a failing DMARC is nobody's failure: what the file lacks is not evidence.
    """
    return any(
        check.identity is SPFIdentity.MAILFROM and (check.result is not SPFResult.NOT_CHECKED or is_unanswered(check))
        for check in authentication.spf
    )


def _of_that_time(path: Path, dns: DNSTime) -> bool:
    if dns.mode is Mode.RECORDED and dns.at is None:
        return True
    border = path.border_hop
    received_at = border.received.received_at if border else None
    return received_at is not None and dns.at is not None and abs(dns.at - received_at) <= _OF_THAT_TIME
