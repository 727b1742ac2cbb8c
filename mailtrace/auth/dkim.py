"""DKIM, RFC 6376: the owner of a domain signed this message, and so much of it is still as it was signed.

Takes a message, answers of DNS, and the time of reception; gives one check for every DKIM-Signature field. The hash of
the body and the signature over the header are two statements and are always told apart: a mailing list that adds a
footer breaks the one, and the other still proves who signed. An old message is judged as of its reception: a signature
that has expired since is not expired, and a key that is gone is not a forgery. No clock; DNS through the one seam.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mailtrace.auth.autopsy import Outcome, examine
from mailtrace.auth.autopsy.findings import observe_autopsies
from mailtrace.auth.dkim_body import BodyHashes
from mailtrace.auth.dkim_findings import observe_dkim
from mailtrace.auth.dkim_header import FieldIndex
from mailtrace.auth.dkim_signature import Signature
from mailtrace.auth.dkim_verify import MAX_SIGNATURES, dkim_signatures, evaluate
from mailtrace.auth.types import DKIMCheck
from mailtrace.findings import Finding
from mailtrace.message.types import Message
from mailtrace.resolver import Question, Resolver, RRType

__all__ = ["BodyHashes", "DKIMOutcome", "check_dkim", "dkim_questions", "dkim_signatures"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DKIMOutcome:
    """Every signature, topmost first, and what matters about them."""

    checks: tuple[DKIMCheck, ...]
    findings: tuple[Finding, ...]


def check_dkim(
    message: Message,
    *,
    dns: Resolver,
    received_at: datetime | None,
    keys: Resolver | None = None,
    hashes: BodyHashes | None = None,
    signatures: Sequence[Signature] | None = None,
) -> DKIMOutcome:
    """Verify every DKIM-Signature field.

    `received_at`: the border's time, by which `x=` is judged; without it no time rule is. `keys`: keys from elsewhere
    than DNS, used where the key of DNS does not fit. `hashes`: shared with `check_arc`, to read the body once.
    `signatures`: the fields, where they are read already.
    """
    fields = FieldIndex.of(message)
    evaluations = evaluate(
        message,
        fields,
        dns=dns,
        keys=keys,
        received_at=received_at,
        hashes=hashes or BodyHashes(message.body),
        signatures=signatures,
    )
    autopsies = examine(message, evaluations, received_at)
    proved = [index for index, autopsy in autopsies.items() if autopsy.outcome is Outcome.PROVED]
    return DKIMOutcome(
        checks=tuple(
            replace(each.check, alteration=autopsies[each.check.index].alteration)
            if each.check.index in autopsies
            else each.check
            for each in evaluations
        ),
        findings=(
            *observe_dkim(message, fields, evaluations, received_at, proved),
            *observe_autopsies(fields, evaluations, autopsies),
        ),
    )


def dkim_questions(signatures: Sequence[Signature]) -> tuple[Question, ...]:
    """List the DNS questions that `check_dkim` will ask."""
    names = (signature.key_name for signature in signatures[:MAX_SIGNATURES] if signature.fault is None)
    return tuple(dict.fromkeys(Question(name, RRType.TXT) for name in names if name))
