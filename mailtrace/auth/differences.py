"""Recomputed beside stamped: where a stamp says otherwise than we find, and why.

A receiver's stamp was written with the DNS of its time, about the message as it was then. When we find something else
today, the reason is looked for in the evidence: the key is gone, the record is of another time, this copy was altered,
the stamp speaks of another client or signature. It never decides anything. Pure: no clock, no DNS.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from mailtrace.auth.difference_arc import arc_reason
from mailtrace.auth.difference_dkim import dkim_reason
from mailtrace.auth.difference_findings import observe_differences
from mailtrace.auth.difference_reasons import Compared, Why, dmarc_reason, spf_reason
from mailtrace.auth.difference_types import Difference
from mailtrace.auth.stamped import identity_of, is_of_helo, speaks_of_signature
from mailtrace.auth.types import (
    Authentication,
    ClaimedResults,
    DKIMCheck,
    MethodClaim,
    SPFCheck,
    SPFIdentity,
)
from mailtrace.findings import Finding, excerpt
from mailtrace.message.types import Message
from mailtrace.path.types import Path
from mailtrace.records import Struct
from mailtrace.results import DKIMResult, Standing

__all__ = ["DifferencesOutcome", "compare"]

MAX_STAMPED = 200
"""Stamped results that are compared, trusted ones first; a hostile message can hold thousands."""


class DifferencesOutcome(Struct, frozen=True, kw_only=True):
    """Every difference, and what matters about them."""

    differences: tuple[Difference, ...]
    findings: tuple[Finding, ...]


def compare(
    message: Message, path: Path, authentication: Authentication, *, dns_at: datetime | None
) -> DifferencesOutcome:
    """Set every stamped result beside the computed one. `dns_at`: when the DNS answers are from, if that is known."""
    border = path.border_hop
    compared = Compared(
        authentication=authentication,
        clients={hop.received.client_ip: hop.index for hop in path.hops if hop.received.client_ip},
        border=path.border,
        border_field=border.header.index if border else None,
        received_at=border.received.received_at if border else None,
        dns_at=dns_at,
        signature_fields=tuple(field.index for field in message.all("dkim-signature")),
        seal_fields=tuple(field.index for field in message.all("arc-seal")),
    )
    differences = tuple(_differences(compared))
    findings = observe_differences(message, authentication, differences, same_time=compared.other_time is False)
    return DifferencesOutcome(differences=differences, findings=findings)


def _differences(compared: Compared) -> Iterator[Difference]:
    claims = compared.authentication.claims
    trusted = [claim for claim in claims if claim.standing is Standing.TRUSTED]
    others = [claim for claim in claims if claim.standing is not Standing.TRUSTED]
    left = MAX_STAMPED
    for field in (*trusted, *others):
        taken = field.results[:left]
        left -= len(taken)
        yield from _of_field(compared, field, taken)


def _of_field(compared: Compared, field: ClaimedResults, stamps: Sequence[MethodClaim]) -> Iterator[Difference]:
    authentication = compared.authentication
    signatures = _pair([stamp for stamp in stamps if stamp.method == "dkim"], authentication.dkim)
    explained: dict[str, Why] = {}
    """What the SPF and DKIM differences of this field come to: its DMARC result follows from them."""
    for stamp in sorted(stamps, key=lambda stamp: stamp.method == "dmarc"):
        if stamp.method == "spf":
            check = _spf_check(stamp, authentication.spf)
            why, computed, identity = spf_reason(compared, field, stamp, check), check.result.value, check.domain
        elif stamp.method == "dkim":
            signature = next((found for paired, found in signatures if paired is stamp), None)
            why = dkim_reason(compared, field, stamp, signature)
            computed = signature.result.value if signature else _unpaired(stamp, authentication.dkim)
            identity = signature.sdid if signature else None
        elif stamp.method == "dmarc":
            why = dmarc_reason(compared, field, stamp, explained)
            computed, identity = authentication.dmarc.result.value, authentication.dmarc.author_domain
        elif stamp.method == "arc":
            why, computed, identity = arc_reason(compared, field, stamp), authentication.arc.result.value, None
        else:
            continue
        if why is None:
            continue
        identity = identity_of(stamp) or identity
        if stamp.method in ("spf", "dkim") and identity is not None:
            explained.setdefault(identity, why)
        yield Difference(
            method=stamp.method,
            identity=excerpt(identity) if identity else None,
            stamped=excerpt(stamp.result)[:40],
            computed=computed,
            reason=why.reason,
            detail=why.detail,
            authserv_id=field.authserv_id,
            standing=field.standing,
            field=field.field,
        )


def _unpaired(stamp: MethodClaim, checks: Sequence[DKIMCheck]) -> str:
    """Return what was computed where a stamp speaks of no signature here, or says that there is none at all."""
    results = [check.result for check in checks] if stamp.result == "none" else []
    return "pass" if DKIMResult.PASS in results else results[0].value if results else "none"


def _spf_check(stamp: MethodClaim, checks: Sequence[SPFCheck]) -> SPFCheck:
    """Return the check of the identity that the stamp judged."""
    wanted = SPFIdentity.HELO if is_of_helo(stamp) else SPFIdentity.MAILFROM
    return next((check for check in checks if check.identity is wanted), checks[0])


def _pair(stamps: Sequence[MethodClaim], checks: Sequence[DKIMCheck]) -> list[tuple[MethodClaim, DKIMCheck]]:
    """Pair each stamp with the signature it speaks of; of several that it could mean, one of the same result."""
    left, pairs = list(checks), list[tuple[MethodClaim, DKIMCheck]]()
    for stamp in stamps:
        meant = [check for check in left if speaks_of_signature(stamp, check)]
        if not meant and not identity_of(stamp) and len(checks) == 1 and len(stamps) == 1 and stamp.result != "none":
            meant = list(checks)  # one signature, and one result that names none
        if meant:
            chosen = next((check for check in meant if check.result.value == stamp.result), meant[0])
            left.remove(chosen)
            pairs.append((stamp, chosen))
    return pairs
