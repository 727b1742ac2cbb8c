"""What SPF gives (RFC 7208): one check for each identity."""

from enum import unique

from mailtrace.auth.spf_trace import Evaluated
from mailtrace.enums import StrEnum
from mailtrace.records import Struct
from mailtrace.results import SPFResult


@unique
class SPFIdentity(StrEnum):
    """RFC 7208 §2.3, §2.4."""

    MAILFROM = "mailfrom"
    HELO = "helo"


class SPFCheck(Struct, frozen=True, kw_only=True):
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
