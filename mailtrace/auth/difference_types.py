"""What was stamped and what is computed, where they differ, and the reason."""

from enum import unique

from mailtrace.enums import StrEnum
from mailtrace.records import Struct
from mailtrace.results import Standing


@unique
class Reason(StrEnum):
    """Why what was stamped and what is computed differ."""

    RECORD_CHANGED = "record-changed-since"  # the DNS answers are of another time than the stamp
    KEY_GONE = "key-gone"
    COPY_ALTERED = "copy-altered"  # this copy is not as it was when the stamp was written
    OTHER_IDENTITY = "other-identity"  # the stamp judged another client, domain or signature
    FORWARDERS_VIEW = "forwarders-view"  # the stamp was written at an earlier step, of an earlier client
    SIGNATURE_ABSENT = "signature-absent"  # this copy holds no such signature
    ADDED_SINCE = "added-since"  # what was computed was put on above the stamp
    DNS_UNANSWERED = "dns-unanswered"  # DNS failed, now or then
    NOT_EVALUATED = "not-evaluated"  # it could not be computed here
    POLICY_WORD = "policy-word"  # the same finding in other words: no difference
    LIMITS_DIFFER = "limits-differ"  # servers count the lookups of SPF differently
    OLDER_RULES = "older-rules"  # RFC 7489 gives what was stamped
    FOLLOWS = "follows"  # from a difference in SPF or DKIM
    UNEXPLAINED = "unexplained"


class Difference(Struct, frozen=True, kw_only=True):
    """One stamped result that is not what is computed here, and why."""

    method: str
    identity: str | None
    """The domain that was judged."""
    stamped: str
    """Lower case, as claimed; any word."""
    computed: str
    reason: Reason
    detail: str
    """One sentence."""
    authserv_id: str | None
    standing: Standing
    field: int
    """Index of the stamp among all header fields, 0 = topmost."""
