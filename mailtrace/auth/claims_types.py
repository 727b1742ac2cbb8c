"""What others have stamped (RFC 8601, RFC 7208 §9.1): their statements, with their standing."""

from collections.abc import Mapping

from mailtrace.records import Struct
from mailtrace.results import Standing


class MethodClaim(Struct, frozen=True, kw_only=True):
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


class ClaimedResults(Struct, frozen=True, kw_only=True):
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


RESULTS_FIELD = "authentication-results"
SPF_FIELD = "received-spf"
RENAMED_FIELDS = frozenset(
    {
        "authentication-results-original",  # Exchange, in front of its own
        "original-authentication-results",
        "x-authentication-results-original",
        "x-original-authentication-results",
    }
)
"""Names that a gateway gives to a stamp it found: it kept what was said, and does not vouch for it."""

FIELDS = (RESULTS_FIELD, SPF_FIELD, *sorted(RENAMED_FIELDS))
"""All that are read as stamps."""
