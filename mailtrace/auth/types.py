"""What `authenticate` gives. The fields are those of the report's `authentication` section."""

from enum import unique

from mailtrace.auth.arc_types import ARCCheck, ARCSet
from mailtrace.auth.claims_types import ClaimedResults, MethodClaim
from mailtrace.auth.difference_types import Difference
from mailtrace.auth.dkim2_types import NO_DKIM2, DKIM2Chain
from mailtrace.auth.dkim_types import Alteration, AlterationStep, DKIMCheck
from mailtrace.auth.dmarc_types import (
    DMARC7489,
    AlignmentMode,
    Discovery,
    DMARCCheck,
    DMARCIdentifier,
    DMARCStep,
    PolicyTag,
)
from mailtrace.auth.return_path import RewrittenPath
from mailtrace.auth.spf_types import SPFCheck, SPFIdentity
from mailtrace.enums import StrEnum
from mailtrace.findings import Finding
from mailtrace.records import Struct

__all__ = [
    "DMARC7489",
    "ARCCheck",
    "ARCSet",
    "AlignmentMode",
    "Alteration",
    "AlterationStep",
    "Authentication",
    "ClaimedResults",
    "DKIMCheck",
    "DMARCCheck",
    "DMARCIdentifier",
    "DMARCStep",
    "Discovery",
    "MethodClaim",
    "PolicyTag",
    "SPFCheck",
    "SPFIdentity",
    "Session",
    "Source",
]


@unique
class Source(StrEnum):
    """Where an identity of the SMTP session comes from."""

    GIVEN = "given"
    RECEIVED = "received"
    RETURN_PATH = "return-path"
    RECEIVED_SPF = "received-spf"


class Session(Struct, frozen=True, kw_only=True):
    """What SMTP saw at the border (RFC 7208 §4.1: ip, domain, sender). Every None: it is not known."""

    client_ip: str | None = None
    client_ip_source: Source | None = None
    helo: str | None = None
    helo_source: Source | None = None
    mail_from: str | None = None
    """`<>` is the null reverse-path."""
    mail_from_source: Source | None = None
    rewritten: RewrittenPath | None = None
    """What the envelope sender reads back as, where a forwarder or list has rewritten it: that one's own word."""


class Authentication(Struct, frozen=True, kw_only=True):
    """Everything recomputed, and everything claimed."""

    session: Session
    spf: tuple[SPFCheck, ...]
    dkim: tuple[DKIMCheck, ...]
    """Topmost signature first."""
    dmarc: DMARCCheck
    arc: ARCCheck
    claims: tuple[ClaimedResults, ...]
    """Topmost field first."""
    findings: tuple[Finding, ...]
    differences: tuple[Difference, ...] = ()
    """Stamped otherwise than computed; trusted stamps first."""
    dkim2: DKIM2Chain = NO_DKIM2
