"""What `authenticate` gives. The fields are those of the report's `authentication` section."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique

from mailtrace.auth.difference_types import Difference
from mailtrace.auth.dkim2_types import NO_DKIM2, DKIM2Chain
from mailtrace.auth.return_path import RewrittenPath
from mailtrace.auth.spf_trace import Evaluated
from mailtrace.findings import Finding
from mailtrace.resolver import Outcome
from mailtrace.resolver.archive import KeyOrigin
from mailtrace.results import (
    ARCResult,
    Comparison,
    DKIMResult,
    DMARCPolicy,
    DMARCResult,
    SPFResult,
    Standing,
)


@unique
class Source(StrEnum):
    """Where an identity of the SMTP session comes from."""

    GIVEN = "given"
    RECEIVED = "received"
    RETURN_PATH = "return-path"
    RECEIVED_SPF = "received-spf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
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


@unique
class SPFIdentity(StrEnum):
    """RFC 7208 §2.3, §2.4."""

    MAILFROM = "mailfrom"
    HELO = "helo"


@dataclass(frozen=True, slots=True, kw_only=True)
class SPFCheck:
    """One `check_host()`; `problem` is set exactly when the result is temperror, permerror or not-checked."""

    identity: SPFIdentity
    domain: str | None
    client_ip: str | None
    result: SPFResult
    mechanism: str | None
    """The term of the top record that matched (of the redirected record after a redirect)."""
    record: str | None
    lookups: int
    """Terms that cost a DNS lookup (RFC 7208 §4.6.4: at most 10)."""
    void_lookups: int
    explanation: str | None
    problem: str | None
    """Kebab-case: `dns-failure`, `not-recorded`, `lookup-limit`, `void-limit`, `syntax`, `no-client`, ..."""
    narrow: bool | None
    """The match was by something narrower than /8 (IPv4) or /16 (IPv6); None unless the result is pass."""
    trace: Evaluated | None
    """The records that were evaluated, through every include and redirect; None where no record was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterationStep:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DKIMCheck:
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


@unique
class Discovery(StrEnum):
    """How the DMARC record and the organisational domain were found."""

    TREE_WALK = "tree-walk"  # RFC 9989 §4.10


@unique
class PolicyTag(StrEnum):
    """RFC 9989 §4.7: which policy of a record applies to the author domain."""

    P = "p"  # the record is at the domain itself, or has no other policy for those below
    SP = "sp"  # a subdomain that exists
    NP = "np"  # a subdomain that does not exist


@unique
class AlignmentMode(StrEnum):
    """RFC 9989 §4.7, `adkim` and `aspf`."""

    RELAXED = "relaxed"
    STRICT = "strict"


@dataclass(frozen=True, slots=True, kw_only=True)
class DMARC7489:
    """The result that the older rules give (RFC 7489: public suffix list)."""

    result: DMARCResult
    organizational_domain: str | None
    policy: DMARCPolicy | None
    """As applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DMARCStep:
    """One question of the tree walk (RFC 9989 §4.10)."""

    domain: str
    outcome: Outcome
    record: str | None
    """The one valid DMARC record there."""
    several: bool
    """Several DMARC records stand there: all are discarded."""
    psd: str | None
    """`y`, `n` or `u`, as its record says or by default; None without a record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DMARCIdentifier:
    """A domain that SPF or DKIM spoke of, set against the author domain (RFC 9989 §4.4)."""

    method: str
    """`dkim` or `spf`."""
    domain: str
    authenticated: bool
    """It passed. An identifier that did not authenticates nothing, aligned or not."""
    mode: AlignmentMode
    """What the record asks for."""
    aligned: bool | None
    """None: a missing answer could decide it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DMARCCheck:
    """RFC 9989 §5.3."""

    result: DMARCResult
    author_domain: str | None
    organizational_domain: str | None
    record_domain: str | None
    record: str | None
    policy: DMARCPolicy | None
    """As applied: after `sp`, `np` and `t`."""
    published_policy: DMARCPolicy | None
    """The value of the tag that governs (`p`, `sp` or `np`), before `t`."""
    testing: bool
    aligned_spf: bool | None
    """An SPF-authenticated (pass) domain is aligned. None: could not be judged."""
    aligned_dkim: bool | None
    discovery: Discovery
    rfc7489: DMARC7489
    problem: str | None
    """Kebab-case; set exactly when the result is temperror, permerror or not-checked."""
    policy_tag: PolicyTag | None
    """Which tag of the record governs; None without a policy."""
    walk: tuple[DMARCStep, ...]
    """The tree walk from the author domain upwards, as far as it went."""
    identifiers: tuple[DMARCIdentifier, ...]
    """Every distinct domain of the SPF and DKIM checks, DKIM first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodClaim:
    """One `resinfo` of RFC 8601 §2.2."""

    method: str
    result: str
    """Lower case, as claimed; any word."""
    properties: Mapping[str, str]
    """`header.d` -> value, in the order written."""
    reason: str | None = None
    """What stands behind `reason=` (RFC 8601 §2.2)."""
    comment: str | None = None
    """All comments of this result, joined with `; `."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedResults:
    """One Authentication-Results or Received-SPF field: somebody's statement, with its standing."""

    authserv_id: str | None
    standing: Standing
    field: int
    """Index among all header fields, 0 = topmost."""
    results: tuple[MethodClaim, ...]
    name: str = "Authentication-Results"
    """Of the field, as written. Under another name than its own a gateway has put the stamp out of force."""
    version: str | None = None
    """Behind the authserv-id (RFC 8601 §2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ARCSet:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ARCCheck:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
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
