"""What DKIM gives (RFC 6376): one check for each signature, and what was changed since where that was found out."""

from datetime import datetime

from mailtrace.records import Struct
from mailtrace.resolver.archive import KeyOrigin
from mailtrace.results import Comparison, DKIMResult


class AlterationStep(Struct, frozen=True, kw_only=True):
    """One change, as far as an experiment shows it. It shows what was changed, never who did it."""

    kind: str
    """`footer-added`, `subject-tagged`, ...; docs/alterations.md lists them."""
    where: str
    """`header:Subject`, `body`, `body part 2` (of the parts that hold text or files, 1 = first)."""
    line: int | None
    """Line of the file where the changed place begins; None where nothing stands there any more."""
    octets: int
    """Octets that stand here now and were not signed."""
    added: tuple[str, ...]
    """What stands here now: its first lines, escaped and cut."""
    removed: tuple[str, ...]
    """What stood here when it was signed: its first lines, escaped and cut."""


class Alteration(Struct, frozen=True, kw_only=True):
    """What was changed after signing, where an experiment shows it."""

    kind: str
    """That of the weightiest step."""
    detail: str
    """One sentence: what the message is without the change."""
    proved: bool
    """With the change undone the signature is a pass by RFC 6376, with the published key."""
    steps: tuple[AlterationStep, ...] = ()
    """Every change, the weightiest first."""
    octets: int | None = None
    """Octets of the body that stand here now and were not signed; None where it is not known."""
    signed_octets: int | None = None
    """Octets of the body as it was signed; None where it is not known."""
    form_only: bool = False
    """Only the form was changed: a reader sees the words that were signed."""
    mostly_unsigned: bool = False
    """What was added to the body outweighs what was signed: the text that is read is not the signer's."""
    hides: str | None = None
    """How the change can keep a reader from what was signed: `another-part`, `markup`, `another-author`,
    `another-subject`, `another-type`; None where what was signed stays in sight."""


class DKIMCheck(Struct, frozen=True, kw_only=True):
    """One DKIM-Signature. `body_hash` and `header_signature` are told apart; `problem` is None only for a pass."""

    index: int
    """Position among the DKIM-Signature fields, 0 = topmost."""
    sdid: str | None
    """`d=`, in lower-case A-labels."""
    auid: str | None
    selector: str | None
    algorithm: str | None
    key_bits: int | None
    key_source: str | None
    """`dns`, `recording` or `archive`."""
    signed_fields: tuple[str, ...]
    """`h=`, lower case, in its order."""
    canonicalization: str | None
    body_length: int | None
    """`l=`, octets."""
    signed_at: datetime | None
    expires_at: datetime | None
    result: DKIMResult
    body_hash: Comparison
    header_signature: Comparison
    problem: str | None
    """Kebab-case, see docs/findings.md."""
    alteration: Alteration | None
    testing: bool
    """The key record says `t=y` (RFC 6376 §3.6.1)."""
    unsigned_octets: int | None
    """Octets of the canonicalised body behind `l=`; None without `l=`."""
    key_record: str | None
    """The key record that was used, as published; None if none could be."""
    key_origin: KeyOrigin | None
    """Where a key that is not from DNS was found; None for one from DNS or from a recording."""
    signature_prefix: str | None = None
    """The first characters of `b=`, by which stamps tell signatures of one domain apart (RFC 6008)."""
