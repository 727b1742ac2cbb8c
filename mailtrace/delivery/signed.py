"""Signed: is a report a signed statement of somebody who has a say in what it reports (evidence class C)?

A report is verified like any message, by DKIM (RFC 6376) through the one DNS seam. A signature makes it a statement of
its signer's only; it counts where the signer is the author, and the server that reports or the recipient's own domain,
and where nothing that states the outcome is left out of what was signed. Signed reports of strangers stay claims.
"""

import io
import re

from mailtrace.auth.dkim import check_dkim
from mailtrace.auth.types import DKIMCheck
from mailtrace.delivery.query import folded
from mailtrace.delivery.report_types import Kept, Report, Seal, SealState
from mailtrace.delivery.reports import field_names, read_report
from mailtrace.errors import MessageError
from mailtrace.message import Message, parse
from mailtrace.names.organisation import organisation_of
from mailtrace.path import rebuild
from mailtrace.resolver import Resolver
from mailtrace.results import DKIMResult

_WHY = {
    "body-altered": "its content is not what was signed",
    "header-altered": "its header is not what was signed",
    "key-missing": "the key is not published, or not any more",
    "key-revoked": "the key was withdrawn",
    "expired": "the signature had expired when it came",
    "offline": "DNS was not asked",
    "not-recorded": "the recording of DNS does not hold the key",
    "dns-failure": "DNS did not give the key",
}
_NO_KEY = ("key-missing", "key-revoked")
_ORDER = (SealState.VERIFIED, SealState.INSUFFICIENT, SealState.NOT_CHECKED, SealState.FAILED, SealState.OTHER_DOMAIN)


def seal_of(report: Report, *, dns: Resolver, keys: Resolver | None = None) -> Seal:
    """Say who signed a report. Asks DNS for the keys, and for nothing else."""
    if report.kept is None:
        return report.seal
    if report.is_passed_on:
        return _unchecked("it lies within another message, which does not keep its octets")
    try:
        message = parse(io.BytesIO(report.kept.octets))
    except MessageError:
        return _unchecked("it could not be read as it was signed")
    border = rebuild(message).border_hop
    outcome = check_dkim(
        message,
        dns=dns.for_message(),
        received_at=border.received.received_at if border else None,
        keys=keys,
        reconstructed=report.kept.reconstructed,
        from_mbox=report.kept.from_mbox,
    )
    seals = [_seal(check, message, report, report.kept) for check in outcome.checks]
    # What a domain with a say in it signed comes before what a stranger did.
    return min(seals, key=lambda one: (not one.speaks_for, _ORDER.index(one.state)), default=report.seal)


def _unchecked(why: str) -> Seal:
    return Seal(state=SealState.NOT_CHECKED, why=f"its signature cannot be checked: {why}")


def _seal(check: DKIMCheck, message: Message, report: Report, kept: Kept) -> Seal:
    signer = check.sdid
    people = _say_of(signer, report)

    def made(state: SealState, why: str | None) -> Seal:
        return Seal(state=state, signer=signer, why=why, speaks_for=people, key_source=check.key_source)

    if check.result is not DKIMResult.PASS:
        by = f" by {signer}" if signer else ""
        why = _WHY.get(check.problem or "", (check.problem or "for no known reason").replace("-", " "))
        if check.result in (DKIMResult.NOT_CHECKED, DKIMResult.TEMPERROR) or check.problem in _NO_KEY:
            return made(SealState.NOT_CHECKED, f"its signature{by} cannot be checked: {why}")
        return made(SealState.FAILED, f"its signature{by} does not verify: {why}")
    author = organisation_of(message.author_domain) if message.author_domain else None
    if not people:
        return made(SealState.OTHER_DOMAIN, f"it is signed by {signer}, which is neither who reports nor the recipient")
    if author is not None and author != organisation_of(signer or ""):
        return made(SealState.OTHER_DOMAIN, f"it is signed by {signer}, and written in the name of {author}")
    lacking = _left_out(check, message, report, kept)
    if lacking is not None:
        return made(SealState.INSUFFICIENT, f"it is signed by {signer}, but {lacking}")
    return made(SealState.VERIFIED, None)


def _say_of(signer: str | None, report: Report) -> frozenset[str]:
    """Return the recipients of whom a signer has a say: all for the server that reports, else those at its domain."""
    organisation = organisation_of(signer) if signer else None
    if organisation is None:
        return frozenset()
    people = [one for fate in report.fates for one in (fate.recipient, fate.original_recipient) if one]
    reporter = (report.reporter or "").rpartition("@")[2].split(maxsplit=1)
    is_reporter = bool(reporter) and organisation_of(reporter[0]) == organisation
    return frozenset(
        folded(one) for one in people if is_reporter or organisation_of(one.rpartition("@")[2]) == organisation
    )


def _left_out(check: DKIMCheck, message: Message, report: Report, kept: Kept) -> str | None:
    """Say what that counts is outside of what was signed; None for nothing."""
    # RFC 6376 §3.6.1: a message signed with a key in testing is as good as unsigned.
    if check.testing:
        return "the key is marked as a test"
    # RFC 6376 §8.2: what stands behind l= can be anybody's.
    if check.unsigned_octets:
        return f"the signature leaves out the last {check.unsigned_octets:,} octets (l=)"
    again = read_report(io.BytesIO(kept.octets), report.source)
    if again is None or _said(again) != _said(report):
        return "what was read is not what was signed"  # a server may give other octets when it is asked again
    if field_names(kept.octets) != [field.name.strip().lower() for field in message.fields]:
        return "its header can be read in two ways"
    if not report.is_structured:
        return "it is written for people only, and what it says was read out of its words"
    for name in ("From", "Date"):
        if not _covers(check, message, name):
            return f"the signature does not cover {name}"
    if not report.is_named_inside and report.message_id is not None and not _ties(check, message):
        return "the signature does not cover what names the message"
    if not _covers(check, message, "Content-Type") and not _has_one_reading(message, kept):
        return "the signature does not cover Content-Type, which says where in it the report stands"
    return None


def _said(report: Report) -> tuple[object, ...]:
    return report.kind, report.fates, report.reporter, report.message_id, report.envelope_id, report.returned


def _covers(check: DKIMCheck, message: Message, name: str) -> bool:
    """Tell whether every such field is signed (RFC 6376 §5.4.2: h= takes them from the bottom up)."""
    return 0 < len(message.all(name)) <= check.signed_fields.count(name.lower())


def _ties(check: DKIMCheck, message: Message) -> bool:
    name = "In-Reply-To" if message.all("In-Reply-To") else "References"
    return _covers(check, message, name)


_PART = re.compile(rb"/(?:global-)?(?:delivery-status|disposition-notification)", re.IGNORECASE)


def _has_one_reading(message: Message, kept: Kept) -> bool:
    """Tell whether no other boundary could make another part of the body the report.

    Many signers, Gmail among them, leave Content-Type out. The parts name their own types in the body, which is signed:
    if only one of them is a report, and the whole is taken in parts, there is only one way to read it.
    """
    kinds = message.all("Content-Type")
    if len(kinds) != 1 or not kinds[0].value.lower().startswith("multipart/"):
        return False
    ends = [at for at in (kept.octets.find(b"\n\n"), kept.octets.find(b"\n\r\n")) if at >= 0]
    return len(_PART.findall(kept.octets, min(ends, default=0))) == 1
