"""The ordinary causes of a DMARC failure: what is claimed, and what is proved.

Anyone can write a List-Id. A claimed cause keeps a message from being called forged; only a proved one keeps it from
being called suspicious.
"""

from collections.abc import Sequence

from mailtrace.auth.difference_types import Reason
from mailtrace.auth.types import ARCSet, Authentication, ClaimedResults, DKIMCheck, MethodClaim
from mailtrace.message.types import Message
from mailtrace.path.types import HopKind, Path
from mailtrace.records import Struct
from mailtrace.results import ARCResult, Standing
from mailtrace.verdict.worlds import is_aligned, leaves_unsigned, may_align

_LIST_FIELDS = frozenset({"list-id", "list-post", "mailing-list", "x-mailing-list"})
_FORWARDER_FIELDS = frozenset({"resent-from", "resent-sender", "resent-date", "x-forwarded-to", "x-forwarded-for"})


class Causes(Struct, frozen=True, kw_only=True):
    """What speaks for an honest failure."""

    claimed: tuple[str, ...]
    """In words, most telling first: `a mailing list`, ..."""
    stamped_pass: bool
    """A trusted stamp says dmarc=pass for this author domain."""
    stamped_fail: bool
    """A trusted stamp says dmarc=fail."""
    vouched: bool
    """A sealer named by `--trust` says, in an ARC chain that verifies, that the author passed."""
    altered: DKIMCheck | None
    """A signature of the author domain that verifies after undoing a change: proved."""
    stamp_disputed: bool = False
    """A trusted stamp that says dmarc=pass is not borne out: another says dmarc=fail, or by DNS of the same days the
    author domain has no DMARC record that a message could pass by."""

    overshadowed: DKIMCheck | None
    """A signature of the author domain that verifies after undoing a change which is no ordinary one: what a reader is
    shown is not what was signed."""

    @property
    def proved(self) -> bool:
        """True where a cause is proved."""
        return self.stamped_pass or self.vouched or self.altered is not None


def causes(message: Message, path: Path, authentication: Authentication) -> Causes:
    """Collect them."""
    ordinary, others = _altered(message, authentication)
    return Causes(
        claimed=tuple(_claimed(message, path, authentication)),
        stamped_pass=_stamped(message, authentication, "pass"),
        stamped_fail=_stamped(message, authentication, "fail"),
        vouched=vouches(message, path.trust, authentication),
        altered=ordinary,
        stamp_disputed=_disputed(message, authentication),
        overshadowed=None if ordinary else others,
    )


def _altered(message: Message, authentication: Authentication) -> tuple[DKIMCheck | None, DKIMCheck | None]:
    """Return the signature of the author domain that holds but for an ordinary change, and one but for another change.

    The slightest change first. Where what was added outweighs what was signed, or can hide it, the text is somebody
    else's; where a field stands above its signed copy, or a text behind `l=`, more is shown than the change explains.
    None of these is an ordinary cause.
    """
    proved = [
        (len(check.alteration.steps), check.index, check)
        for check in authentication.dkim
        if check.alteration is not None
        and check.alteration.proved
        and is_aligned(message.author_domain, check.sdid, authentication)
    ]
    checks = [check for *_, check in sorted(proved, key=lambda each: each[:2])]
    ordinary = next((check for check in checks if _is_ordinary(message, check)), None)
    return ordinary, next((check for check in checks if not _is_ordinary(message, check)), None)


def _is_ordinary(message: Message, check: DKIMCheck) -> bool:
    change = check.alteration
    if change is None or change.mostly_unsigned or change.hides is not None:
        return False
    return not leaves_unsigned(message, check)


def _claimed(message: Message, path: Path, authentication: Authentication) -> list[str]:
    found = []
    if any(may_align(message.author_domain, check.sdid) for check in authentication.dkim):
        found.append("a signature in the author domain's name")
    names = message.by_name.keys()
    if names & _LIST_FIELDS or any(hop.kind is HopKind.LIST for hop in path.hops):
        found.append("a mailing list")
    mail_from = (authentication.session.mail_from or "").lower()
    # SRS is how forwarders rewrite the envelope sender; it has no RFC.
    if names & _FORWARDER_FIELDS or mail_from.startswith(("srs0", "srs1")):
        found.append("a forwarder")
    if authentication.arc.sets:
        found.append("an ARC chain")
    return found


def _stamped(message: Message, authentication: Authentication, word: str) -> bool:
    return any(word in _dmarc_words(message, stamp.results) for stamp in trusted_stamps(authentication))


def _disputed(message: Message, authentication: Authentication) -> bool:
    if _stamped(message, authentication, "fail"):
        return True
    return any(
        each.method == "dmarc"
        and (each.stamped, each.computed) == ("pass", "none")
        and each.standing is Standing.TRUSTED
        and each.reason is Reason.UNEXPLAINED
        for each in authentication.differences
    )


def trusted_stamps(authentication: Authentication) -> tuple[ClaimedResults, ...]:
    """Return the stamps of the receiving side."""
    return tuple(stamp for stamp in authentication.claims if stamp.standing is Standing.TRUSTED)


def _is_about_author(message: Message, domain: str | None) -> bool:
    """Tell whether a stamp speaks of this author domain; one that names none speaks of the message it stands in."""
    return domain is None or domain.lower().rstrip(".") == message.author_domain


def vouches(message: Message, trust: Sequence[str], authentication: Authentication) -> bool:
    """Tell whether a trusted sealer says so of this message, and not of what another has made of it since.

    A chain that passes says who had the message, not that nobody changed it (RFC 8617 §5.2): whoever takes a sealed
    message can put other words into it and seal that. So the trusted one's own signature still has to cover what is
    here, or all that sealed after it have to be trusted, too. What that signature does not cover can be put in without
    sealing it again: another From, a Subject above the signed one, a text behind `l=` (RFC 6376 §8.2, §8.15).
    """
    sets = authentication.arc.sets
    if authentication.arc.result is not ARCResult.PASS:
        return False
    since_trusted = True
    for seal in reversed(sets):
        trusted = any(_names(name, seal.sdid) for name in trust)
        is_of_this = (since_trusted and _covers(message, sets[-1])) or (
            seal.message_signature is ARCResult.PASS and _covers(message, seal)
        )
        if trusted and is_of_this and _says_pass(message, seal):
            return True
        since_trusted = since_trusted and trusted
    return False


def _covers(message: Message, seal: ARCSet) -> bool:
    return "from" in seal.signed_fields and not leaves_unsigned(message, seal)


def _says_pass(message: Message, seal: ARCSet) -> bool:
    """Tell whether a sealer says that the author passed, and nowhere that it failed."""
    return _dmarc_words(message, seal.results) == {"pass"}


def _dmarc_words(message: Message, results: Sequence[MethodClaim]) -> set[str]:
    return {
        claim.result
        for claim in results
        if claim.method == "dmarc" and _is_about_author(message, claim.properties.get("header.from"))
    }


def _names(trusted: str, host: str | None) -> bool:
    """Tell whether a `--trust` name means this host: the name itself, or `.example.net` and what is below it."""
    trusted = trusted.lower().rstrip(".")
    return host is not None and (host == trusted.lstrip(".") or (trusted.startswith(".") and host.endswith(trusted)))
