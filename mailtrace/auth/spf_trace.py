"""Which record, and which term of it, decided an SPF evaluation (RFC 7208 §4.6.2), down through every include.

pyspf names the matching term of the top record only. `include:_spf.example.net` says nothing of how wide the grant
is; the `ip4:192.0.2.0/24` behind it does.
"""

from mailtrace.names.organisation import is_public_suffix, organisation_of
from mailtrace.records import Struct

WIDEST_IPV4 = 8
"""A match is narrow if its prefix is longer than this: a /8 is 16 million addresses."""
WIDEST_IPV6 = 16


class Term(Struct, frozen=True, kw_only=True):
    """A mechanism, as it was evaluated."""

    text: str
    """As published."""
    name: str
    """`a`, `all`, `exists`, `include`, `ip4`, `ip6`, `mx`, `ptr`."""
    argument: str | None
    """After macro expansion; the current domain where the record leaves it out."""
    prefix: int
    """Prefix length for the client's family; meaningful for `a`, `mx`, `ip4`, `ip6`."""


class Evaluated(Struct, frozen=True, kw_only=True):
    """One `check_host()` of the recursion: the record of one domain."""

    domain: str
    record: str | None
    result: str | None
    """None where an error ended the evaluation."""
    term: Term | None
    """The last term evaluated: the one that matched, if the result is not by default and not by `redirect`."""
    lookups: int
    """Terms of this record that cost a DNS lookup, as far as it was evaluated (RFC 7208 §4.6.4)."""
    voids: tuple[str, ...]
    """Questions of this record that found nothing (`A gone.example`)."""
    includes: tuple["Evaluated", ...]
    """The records of the include terms evaluated, in order."""
    redirect: "Evaluated | None"


def matching_term(top: Evaluated) -> tuple[str, Term] | None:
    """Return the innermost term that gave a pass, and the domain whose record holds it."""
    chain = matching_chain(top)
    return chain[-1] if chain else None


def matching_chain(top: Evaluated) -> tuple[tuple[str, Term], ...]:
    """Return the terms that gave a pass, outermost first, each with the domain whose record holds it."""
    found: list[tuple[str, Term]] = []
    node = top
    while True:
        if node.redirect is not None:
            node = node.redirect
            continue
        if node.term is None:
            return tuple(found) if found and found[-1][1].name != "include" else ()
        found.append((node.domain, node.term))
        if node.term.name != "include" or not node.includes:
            return tuple(found)
        node = node.includes[-1]


def is_narrow(domain: str, term: Term, *, ipv6: bool) -> bool:
    """Tell whether a pass by this term of this domain's record says something about the client."""
    match term.name:
        case "ip4" | "ip6" | "a" | "mx":
            return term.prefix > (WIDEST_IPV6 if ipv6 else WIDEST_IPV4)
        case "exists":
            # The answer was about this client only if its address was part of the question (RFC 7208 §5.7, §7.2).
            return _asks_of_client(term)
        case "ptr":
            return _names_its_own(domain, term.argument or domain)
        case _:
            return False


def _asks_of_client(term: Term) -> bool:
    macros = term.text.lower().replace("%%", "")  # RFC 7208 §7.1: an escaped percent sign opens no macro
    # RFC 7208 §7.3: without a validated name %{p} is "unknown", for half the Internet.
    named = "%{p" in macros and "unknown" not in (term.argument or "").lower().split(".")
    return "%{i" in macros or named


def _names_its_own(domain: str, target: str) -> bool:
    """Tell whether `ptr` asks for names that the record's own organisation gives out, not those of a hosting company.

    The forward lookup of RFC 7208 §5.5 makes such a name the owner's word for this one address.
    """
    return not is_public_suffix(target) and organisation_of(target) == organisation_of(domain)
