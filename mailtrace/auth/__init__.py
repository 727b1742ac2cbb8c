"""Authenticate: everything recomputed (SPF, DKIM, DMARC, ARC), and beside it everything that others claim.

The evaluators run one after the other on answers that were asked for together, so that the report never depends on
which answer came first. DNS through the one seam; no clock: time rules go by the border's time.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from mailtrace.auth.arc_types import FIELDS as ARC_FIELDS
from mailtrace.auth.arc_types import NO_ARC
from mailtrace.auth.claims_types import FIELDS as STAMPS
from mailtrace.auth.dkim import BodyHashes, check_dkim, dkim_questions, dkim_signatures
from mailtrace.auth.dkim2_types import NO_DKIM2, SIGNATURE_FIELD, DKIM2Chain
from mailtrace.auth.dkim_signature import Signature
from mailtrace.auth.dkim_verify import MAX_SIGNATURES
from mailtrace.auth.dmarc import check_dmarc, dmarc_questions
from mailtrace.auth.forwarding import beside_a_signature, observe_forwarding
from mailtrace.auth.session import session_findings, session_of, spf_client
from mailtrace.auth.spf import check_spf
from mailtrace.auth.types import Authentication, ClaimedResults, Session
from mailtrace.findings import Evidence, Finding, excerpt
from mailtrace.message.types import Message
from mailtrace.names.domain import a_labels
from mailtrace.path.types import Path
from mailtrace.records import replace
from mailtrace.resolver import Mode, Question, Resolver
from mailtrace.resolver.ledger import Ledger

if TYPE_CHECKING:
    from mailtrace.auth.arc_sets import Chain
    from mailtrace.auth.autopsy import Examiner

__all__ = ["Authentication", "Session", "authenticate"]


def authenticate(
    message: Message,
    path: Path,
    given: Session | None = None,
    *,
    dns: Ledger,
    keys: Resolver | None = None,
    dns_at: datetime | None = None,
    look_ahead: bool = True,
    reconstructed: bool = False,
    from_mbox: bool = False,
) -> Authentication:
    """Evaluate one message.

    `given`: what the examiner knows of the SMTP session; `keys`: DKIM keys from elsewhere; `dns_at`: when the DNS
    answers are from, for saying why a stamp of another time differs; `look_ahead`: ask live DNS at once for what may be
    needed. `reconstructed`, `from_mbox`: what the file that it stood in has done to its octets (`check_dkim`).
    """
    claims, on_claims = _claims(message, path)
    session = session_of(message, path, given, claims)
    judged = replace(session, client_ip=spf_client(session))
    signatures, chain = dkim_signatures(message), _chain(message)
    # What is recorded is at hand, and nothing is gained by looking ahead.
    if look_ahead and dns.mode is Mode.LIVE:
        from mailtrace.auth.spf_prefetch import prefetch  # noqa: PLC0415

        prefetch(judged, _questions(message, judged, signatures, chain), dns)
    border = path.border_hop
    received_at = border.received.received_at if border else None
    hashes, examiner = BodyHashes(message.body), _OneExaminer(message, received_at)
    spf = check_spf(judged, dns=dns)
    dkim = check_dkim(
        message,
        dns=dns,
        received_at=received_at,
        keys=keys,
        hashes=hashes,
        signatures=signatures,
        reconstructed=reconstructed,
        from_mbox=from_mbox,
        examiner=examiner,
    )
    arc, on_arc = NO_ARC, tuple[Finding, ...]()
    if chain is not None:
        from mailtrace.auth.arc import check_arc  # noqa: PLC0415 - most messages have no chain

        sealed = check_arc(
            message,
            dns=dns,
            received_at=received_at,
            hashes=hashes,
            path=path,
            chain=chain,
            reconstructed=reconstructed,
            examiner=examiner,
        )
        arc, on_arc = sealed.check, sealed.findings
    dmarc = check_dmarc(message.author_domain, spf.checks, dkim.checks, dns=dns, place=_from(message))
    dkim2, on_dkim2 = _dkim2(message)
    found = Authentication(
        session=session,
        spf=spf.checks,
        dkim=dkim.checks,
        dmarc=dmarc.check,
        arc=arc,
        claims=claims,
        dkim2=dkim2,
        findings=(
            *dmarc.findings,
            *dkim.findings,
            *beside_a_signature(spf.findings, dmarc.check),
            *observe_forwarding(session, spf.checks, dkim.checks, dmarc.check, _from(message)),
            *on_arc,
            *on_claims,
            *on_dkim2,
            *session_findings(message, path, session, claims),
        ),
    )
    if not claims:
        return found
    from mailtrace.auth.differences import compare  # noqa: PLC0415 - without a stamp nothing can differ

    compared = compare(message, path, found, dns_at=dns_at)
    return replace(found, differences=compared.differences, findings=(*compared.findings, *found.findings))


def _claims(message: Message, path: Path) -> tuple[tuple[ClaimedResults, ...], tuple[Finding, ...]]:
    if not message.all(*STAMPS):
        return (), ()
    from mailtrace.auth.claims import check_claims  # noqa: PLC0415 - a grammar that a message without stamps needs not

    found = check_claims(message, path)
    return found.claims, found.findings


def _chain(message: Message) -> "Chain | None":
    if not message.all(*ARC_FIELDS):
        return None
    from mailtrace.auth.arc_sets import collect  # noqa: PLC0415 - most messages have none

    return collect(message)


def _dkim2(message: Message) -> tuple[DKIM2Chain, tuple[Finding, ...]]:
    if not message.all(SIGNATURE_FIELD):
        return NO_DKIM2, ()
    from mailtrace.auth.dkim2 import check_dkim2  # noqa: PLC0415 - nobody signs so yet

    found = check_dkim2(message)
    return found.chain, found.findings


class _OneExaminer:
    """Gives one examiner to all that ask for it, and makes it when it is asked for."""

    def __init__(self, message: Message, received_at: datetime | None) -> None:
        self._of = message, received_at
        self._made: Examiner | None = None

    def __call__(self) -> "Examiner":
        if self._made is None:
            from mailtrace.auth.autopsy import examiner_of  # noqa: PLC0415 - most messages need none, and it is large

            self._made = examiner_of(*self._of)
        return self._made


def _questions(
    message: Message, session: Session, signatures: Sequence[Signature], chain: "Chain | None"
) -> tuple[Question, ...]:
    """List what is known to be needed, besides SPF."""
    envelope = a_labels((session.mail_from or "").rpartition("@")[2])
    signers = (envelope, *(signature.sdid for signature in signatures[:MAX_SIGNATURES]))
    author = message.author_domain
    of_seals = _arc_questions(chain) if chain else ()
    return (*dkim_questions(signatures, author), *of_seals, *dmarc_questions(author, signers))


def _arc_questions(chain: "Chain") -> tuple[Question, ...]:
    from mailtrace.auth.arc import arc_questions  # noqa: PLC0415

    return arc_questions(chain)


def _from(message: Message) -> Evidence:
    """Return the From field as evidence, or the topmost field where there is none."""
    field = (message.all("from") or message.fields)[0]
    return Evidence(source=f"header:{field.name}[0]", line=field.line, excerpt=excerpt(field.value))
