"""The list of domains: one a line, with the policy that holds for it.

# partners under contract
clinic.example            verify
.lab.example                          # every domain below lab.example, not lab.example itself
"""

from enum import unique

from mailtrace.enums import StrEnum
from mailtrace.errors import MailtraceError
from mailtrace.names.domain import a_labels
from mailtrace.records import Struct

MAX_LINES = 100_000
MAX_SHOWN = 5
"""Bad lines that are named."""


@unique
class ForcedPolicy(StrEnum):
    """What a transfer must have been."""

    ENCRYPT = "encrypt"  # under TLS, whatever the certificate
    TRUST = "trust"  # and with a certificate from an authority that the sending server knows
    VERIFY = "verify"  # and with the certificate that the sending server asks for: name and authority, or DANE


class DomainListError(MailtraceError):
    """The list cannot be read as one."""


class Entry(Struct, frozen=True, kw_only=True):
    """A line of the list."""

    domain: str
    """In A-labels; `.lab.example` is everything below lab.example."""
    policy: ForcedPolicy
    line: int
    """1 = first."""


class Domains:
    """The list. The longest entry that fits counts."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
        self._of = {entry.domain: entry for entry in entries}

    def of_address(self, address: str | None) -> Entry | None:
        """Return the entry that an address falls under; None where none does."""
        _, at, domain = (address or "").rpartition("@")
        return self.of_domain(domain.rstrip(">")) if at else None

    def of_domain(self, domain: str) -> Entry | None:
        """Return the entry that a domain falls under.

        >>> domains = read_domains(b".lab.example verify")
        >>> domains.of_domain("A.Lab.Example").line, domains.of_domain("lab.example")
        (1, None)
        """
        name = a_labels(domain)
        if name is None:
            return None
        if found := self._of.get(name):
            return found
        while name:
            _, _, name = name.partition(".")
            if found := self._of.get(f".{name}"):
                return found
        return None


def read_domains(text: bytes) -> Domains:
    """Read the list. Raises DomainListError with the numbers of the lines that are wrong."""
    found: dict[str, Entry] = {}
    wrong: list[str] = []
    lines = text.removeprefix(b"\xef\xbb\xbf").splitlines()
    if len(lines) > MAX_LINES:
        raise DomainListError(f"more than {MAX_LINES:,} lines")
    for number, line in enumerate(lines, 1):
        try:
            entry = _entry(line.decode("utf-8"), number)
        except UnicodeDecodeError:
            wrong.append(f"line {number}: is not UTF-8")
            continue
        except ValueError as fault:
            wrong.append(f"line {number}: {fault}")
            continue
        if entry is None:
            continue
        known = found.setdefault(entry.domain, entry)
        if known.policy is not entry.policy:
            wrong.append(f"line {number}: line {known.line} says {known.policy} for {entry.domain}")
    if wrong:
        more = f"; and {len(wrong) - MAX_SHOWN:,} more" if len(wrong) > MAX_SHOWN else ""
        raise DomainListError("; ".join(wrong[:MAX_SHOWN]) + more)
    if not found:
        raise DomainListError("names no domain")
    return Domains(tuple(found.values()))


def _entry(line: str, number: int) -> Entry | None:
    """Read a line; None where it says nothing. Raises ValueError."""
    words = _without_comment(line).split()
    if not words:
        return None
    name, policy = words[0], words[1] if len(words) > 1 else ForcedPolicy.ENCRYPT
    if len(words) > 2:
        raise ValueError(f"a domain and a policy, and no more: {' '.join(words)[:80]!r}")
    if policy.lower() not in set(ForcedPolicy):
        raise ValueError(f"the policy is one of {', '.join(ForcedPolicy)}, not {policy[:40]!r}")
    below = name.startswith((".", "*."))
    domain = a_labels(name.removeprefix("*").removeprefix(".") if below else name)
    if domain is None:
        raise ValueError(f"not a domain: {name[:80]!r}")
    return Entry(domain=f".{domain}" if below else domain, policy=ForcedPolicy(policy.lower()), line=number)


def _without_comment(line: str) -> str:
    """No domain has a `#` in it."""
    return line.partition("#")[0]
