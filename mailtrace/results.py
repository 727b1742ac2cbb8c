"""The words. Standard library only; each value is public surface and spelled as its RFC spells it.

RFC 8601 §2.7 gives the result words of SPF, DKIM, DMARC; RFC 8617 those of ARC. `not-checked` is ours, for all of them:
the question could not be asked or had no answer, so nothing is known. It is never a synonym for "no".
"""

from enum import unique

from mailtrace.enums import StrEnum


@unique
class SPFResult(StrEnum):
    """RFC 7208 §2.6, RFC 8601 §2.7.2."""

    PASS = "pass"  # the client is authorised
    FAIL = "fail"  # the client is explicitly not authorised
    SOFTFAIL = "softfail"  # probably not authorised
    NEUTRAL = "neutral"  # the domain makes no assertion
    NONE = "none"  # no domain to check, or no SPF record
    TEMPERROR = "temperror"  # a DNS answer failed; another time may differ
    PERMERROR = "permerror"  # the published records cannot be interpreted
    NOT_CHECKED = "not-checked"


@unique
class DKIMResult(StrEnum):
    """RFC 8601 §2.7.1."""

    PASS = "pass"  # the signature verified and is acceptable
    FAIL = "fail"  # the signature did not verify
    POLICY = "policy"  # it verified, and does not count (RFC 8301: weak key or algorithm)
    NEUTRAL = "neutral"  # a signature that could not be processed, such as a syntax we do not know
    TEMPERROR = "temperror"  # the key could not be fetched this time
    PERMERROR = "permerror"  # no key, a revoked or unusable key, or a signature that breaks a MUST
    NONE = "none"  # not signed
    NOT_CHECKED = "not-checked"


@unique
class DMARCResult(StrEnum):
    """RFC 9989 §5.3, RFC 8601 §2.7 registry."""

    PASS = "pass"  # an aligned identifier is authenticated
    FAIL = "fail"  # none is
    NONE = "none"  # no policy applies to the author domain
    TEMPERROR = "temperror"
    PERMERROR = "permerror"  # no single author domain to judge
    NOT_CHECKED = "not-checked"


@unique
class ARCResult(StrEnum):
    """RFC 8617 §4.4; temperror and not-checked where a key could not be had."""

    PASS = "pass"
    FAIL = "fail"
    NONE = "none"
    TEMPERROR = "temperror"
    NOT_CHECKED = "not-checked"


@unique
class Comparison(StrEnum):
    """A hash or signature set against what it should be."""

    MATCH = "match"
    MISMATCH = "mismatch"
    NOT_CHECKED = "not-checked"


@unique
class Standing(StrEnum):
    """Who vouches for a statement."""

    TRUSTED = "trusted"  # written by the receiving side
    CLAIMED = "claimed"  # written by anyone else
    CONTRADICTED = "contradicted"  # claimed, and shown to be wrong


@unique
class Security(StrEnum):
    """What one Received field says about encryption of its hop."""

    ENCRYPTED = "encrypted"  # the field says so
    CLEARTEXT = "cleartext"  # a server known to record TLS recorded none
    UNRECORDED = "unrecorded"  # the server does not say
    LOCAL = "local"  # nothing crossed a network


@unique
class Scope(StrEnum):
    """Where a hop ran."""

    PUBLIC = "public"  # the two ends are not one organisation
    INTERNAL = "internal"
    LOOPBACK = "loopback"
    UNKNOWN = "unknown"


@unique
class Grade(StrEnum):
    """How good the recorded TLS parameters are, by the profile in force."""

    STRONG = "strong"
    ACCEPTABLE = "acceptable"
    WEAK = "weak"
    BROKEN = "broken"


@unique
class TLSBasis(StrEnum):
    """What says that TLS was used: which part of the field, or a log."""

    KEYWORD = "keyword"  # the `with` word alone (RFC 3848)
    CLAUSE = "clause"  # the registered `tls` clause (RFC 8314 §4.3)
    COMMENT = "comment"
    LOG = "log"  # a line of a server's log, not of the field


@unique
class PolicyResult(StrEnum):
    """What a Received field shows of a transport profile's rules."""

    MET = "met"  # what is recorded is within them
    NOT_MET = "not-met"  # what is recorded is outside them
    NO_EVIDENCE = "no-evidence"  # too little is recorded to say


@unique
class Authenticity(StrEnum):
    """The first answer: is it really from who it says?"""

    AUTHENTIC = "authentic"
    UNPROVEN = "unproven"
    SUSPICIOUS = "suspicious"
    FORGED = "forged"
    INDETERMINATE = "indeterminate"


@unique
class Basis(StrEnum):
    """What `authentic` rests on."""

    DKIM = "dkim"
    SPF = "spf"
    STAMP = "stamp"


@unique
class TransportAnswer(StrEnum):
    """The second answer: was it encrypted on the way?"""

    ENCRYPTED = "encrypted"
    PARTLY_ENCRYPTED = "partly-encrypted"
    CLEARTEXT = "cleartext"
    UNRECORDED = "unrecorded"
    LOCAL = "local"


@unique
class DMARCPolicy(StrEnum):
    """RFC 9989 §4.7, the value of `p`, `sp` and `np`."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


@unique
class Severity(StrEnum):
    """How much a finding matters, if it is so."""

    INFO = "info"
    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"


@unique
class Confidence(StrEnum):
    """How sure we are that it is so."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
