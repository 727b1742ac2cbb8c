"""What DMARC gives (RFC 9989): the record and how it was found, the identifiers, and the result."""

from enum import unique

from mailtrace.enums import StrEnum
from mailtrace.records import Struct
from mailtrace.resolver import Outcome
from mailtrace.results import DMARCPolicy, DMARCResult


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


class DMARC7489(Struct, frozen=True, kw_only=True):
    """The result that the older rules give (RFC 7489: public suffix list)."""

    result: DMARCResult
    organizational_domain: str | None
    policy: DMARCPolicy | None
    """As applied."""


class DMARCStep(Struct, frozen=True, kw_only=True):
    """One question of the tree walk (RFC 9989 §4.10)."""

    domain: str
    outcome: Outcome
    record: str | None
    """The one valid DMARC record there."""
    several: bool
    """Several DMARC records stand there: all are discarded."""
    psd: str | None
    """`y`, `n` or `u`, as its record says or by default; None without a record."""


class DMARCIdentifier(Struct, frozen=True, kw_only=True):
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


class DMARCCheck(Struct, frozen=True, kw_only=True):
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
