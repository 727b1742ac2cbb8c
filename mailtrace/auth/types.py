"""What `authenticate` gives. The fields are those of the report's `authentication` section."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique

from mailtrace.findings import Finding
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """What was changed after signing, where an experiment shows it."""

    kind: str
    detail: str
    proved: bool


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


@unique
class Discovery(StrEnum):
    """How the DMARC record and the organisational domain were found."""

    TREE_WALK = "tree-walk"  # RFC 9989 §4.10


@dataclass(frozen=True, slots=True, kw_only=True)
class DMARC7489:
    """The result that the older rules give (RFC 7489: public suffix list)."""

    result: DMARCResult
    organizational_domain: str | None
    policy: DMARCPolicy | None
    """As applied."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodClaim:
    """One `resinfo` of RFC 8601 §2.2."""

    method: str
    result: str
    """Lower case, as claimed; any word."""
    properties: Mapping[str, str]
    """`header.d` -> value, in the order written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedResults:
    """One Authentication-Results or Received-SPF field: somebody's statement, with its standing."""

    authserv_id: str | None
    standing: Standing
    field: int
    """Index among all header fields, 0 = topmost."""
    results: tuple[MethodClaim, ...]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ARCCheck:
    """The chain (RFC 8617 §5.2)."""

    result: ARCResult
    oldest_pass: int | None
    """RFC 8617 §5.2: the instance whose message signature, and all above it, still verify; 0 if all do."""
    sets: tuple[ARCSet, ...]
    """Instance 1 first."""
    problem: str | None


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
