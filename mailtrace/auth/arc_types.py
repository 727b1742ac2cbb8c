"""What ARC gives (RFC 8617): each set by itself, and the chain."""

from datetime import datetime

from mailtrace.auth.claims_types import MethodClaim
from mailtrace.auth.dkim_types import Alteration
from mailtrace.records import Struct
from mailtrace.results import ARCResult


class ARCSet(Struct, frozen=True, kw_only=True):
    """One ARC set (RFC 8617 §4.2)."""

    instance: int
    sdid: str | None
    selector: str | None
    cv: str | None
    seal: ARCResult
    message_signature: ARCResult
    results: tuple[MethodClaim, ...]
    """The sealer's ARC-Authentication-Results: its claim."""
    problem: str | None
    """Of the seal, else of the message signature; None if both pass."""
    authserv_id: str | None = None
    """As the sealer's ARC-Authentication-Results name it."""
    sealed_at: datetime | None = None
    """`t=` of the seal."""
    seal_problem: str | None = None
    seal_key: str | None = None
    """Where the key of the seal is published."""
    message_problem: str | None = None
    message_key: str | None = None
    """Where the key of the message signature is published; most sealers use one for both."""
    signed_fields: tuple[str, ...] = ()
    """`h=` of the message signature, lower case."""
    unsigned_octets: int | None = None
    """Octets of the body behind `l=` of the message signature; None without `l=`."""
    alteration: Alteration | None = None
    """What was changed after this set was sealed, where that is proved by undoing it: for the newest set whose message
    signature shows a change. Who changed it is not proved."""


class ARCCheck(Struct, frozen=True, kw_only=True):
    """The chain (RFC 8617 §5.2)."""

    result: ARCResult
    oldest_pass: int | None
    """RFC 8617 §5.2: the instance whose message signature, and all above it, still verify; 0 if all do."""
    sets: tuple[ARCSet, ...]
    """Instance 1 first."""
    problem: str | None
    altered_after: int | None = None
    """The newest instance whose message signature shows that the message was changed after it was sealed."""
    sealers_claim: str | None = None
    """In words: which sealer says that the author passed, in a chain that passes. It is that sealer's claim."""


FIELDS = ("arc-seal", "arc-message-signature", "arc-authentication-results")
"""The fields of which a chain is made (RFC 8617 §4.1)."""

NO_ARC = ARCCheck(result=ARCResult.NONE, oldest_pass=None, sets=(), problem=None)
"""What is found where there is none of them (RFC 8617 §5.2, step 1)."""
