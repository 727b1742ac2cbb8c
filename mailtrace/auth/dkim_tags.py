"""Read the values of one tag list, RFC 6376 §3.5: each function one tag, each fault with the reason.

Shared by DKIM-Signature, ARC-Message-Signature and ARC-Seal (RFC 8617 §4.1), which have the same tags.
"""

import binascii
from collections.abc import Mapping

from mailtrace.auth.dkim_words import ALGORITHMS, Algorithm, Canonicalization, Problem
from mailtrace.names.domain import a_labels

Tags = Mapping[str, bytes]

FWS = b" \t\r\n"
"""Octets of folding white space, RFC 5322 §3.2.2."""

MAX_LENGTH_DIGITS = 76
"""RFC 6376 §3.5: `l=` has at most 76 digits."""

MAX_TIME_DIGITS = 12
"""RFC 6376 §3.5: a time of more digits may be taken for infinite."""


class TagError(ValueError):
    """A tag that cannot be used."""

    def __init__(self, problem: Problem, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem
        self.detail = detail


def malformed(detail: str) -> TagError:
    """Return the fault of a tag that breaks a MUST."""
    return TagError(Problem.SIGNATURE_MALFORMED, detail)


def unsupported(detail: str) -> TagError:
    """Return the fault of a tag that asks for something no RFC defines."""
    return TagError(Problem.SIGNATURE_UNSUPPORTED, detail)


def required(tags: Tags, name: str) -> bytes:
    """Return a value that must be there and not be empty."""
    if name not in tags:
        raise malformed(f"the required tag {name}= is missing")
    if not tags[name]:
        raise malformed(f"the tag {name}= is empty")
    return tags[name]


def base64_octets(value: bytes) -> bytes:
    """Decode base64 with white space in it (RFC 6376 §3.5, `b=`). Missing padding is supplied: it is not ambiguous.

    Raises ValueError if it is not base64.
    """
    bare = value.translate(None, FWS).rstrip(b"=")
    return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4), strict_mode=True)


def read_base64(tags: Tags, name: str) -> bytes:
    """Read `b=` or `bh=`."""
    value = required(tags, name)
    try:
        return base64_octets(value)
    except ValueError as fault:
        raise malformed(f"{name}= is not base64") from fault


def read_algorithm(tags: Tags) -> Algorithm:
    """Read `a=`; values are case-sensitive (RFC 6376 §3.2)."""
    value = required(tags, "a")
    if value not in ALGORITHMS:
        raise unsupported(f"a={value!r:.40} is no algorithm of RFC 6376 or RFC 8463")
    return ALGORITHMS[value]


def read_domain(tags: Tags) -> str:
    """Read `d=` in lower-case A-labels (RFC 8616 §5)."""
    value = required(tags, "d")
    domain = a_labels(value.decode("utf-8", "replace"))
    if domain is None:
        raise malformed(f"d= is not a domain name: {value!r:.80}")
    return domain


def read_selector(tags: Tags) -> str:
    """Read `s=`."""
    return required(tags, "s").decode("utf-8", "replace")


def key_name(selector: str, domain: str) -> str:
    """Return the DNS name of the key, RFC 6376 §3.6.2.1, in A-labels."""
    name = None if selector.endswith(".") else a_labels(f"{selector}._domainkey.{domain}")
    if name is None:
        raise malformed(f"s= and d= do not make a DNS name: {selector!r:.80}")
    return name


def read_signed_fields(tags: Tags) -> tuple[str, ...]:
    """Read `h=`: field names, lower case, in order. An empty name selects nothing and is passed over."""
    if "h" not in tags:
        raise malformed("the required tag h= is missing")
    names = (name.strip(FWS).lower() for name in tags["h"].split(b":"))
    try:
        return tuple(name.decode("ascii") for name in names if name)
    except UnicodeDecodeError as fault:
        raise malformed("h= names fields outside ASCII") from fault


_CANONICALIZATIONS = {canonicalization.value.encode(): canonicalization for canonicalization in Canonicalization}


def read_canonicalization(tags: Tags, default: bytes) -> tuple[Canonicalization, Canonicalization]:
    """Read `c=`: for header and body; the body's is simple if only one is given. `Relaxed` is taken for relaxed."""
    header, slash, body = tags.get("c", default).lower().partition(b"/")
    try:
        return _CANONICALIZATIONS[header], _CANONICALIZATIONS[body if slash else b"simple"]
    except KeyError as fault:
        raise unsupported(f"c={tags['c']!r:.40} is no canonicalization of RFC 6376") from fault


def read_body_length(tags: Tags) -> int | None:
    """Read `l=`."""
    value = tags.get("l")
    if value is None:
        return None
    if not value.isdigit() or len(value) > MAX_LENGTH_DIGITS:
        raise malformed(f"l= is not a number of octets: {value!r:.80}")
    return int(value)


def read_time(tags: Tags, name: str) -> int | None:
    """Read `t=` or `x=`, seconds since 1970; None if absent, or so far away that it never comes."""
    value = tags.get(name)
    if value is None:
        return None
    if not value.isdigit():
        raise malformed(f"{name}= is not a time: {value!r:.80}")
    return int(value) if len(value) <= MAX_TIME_DIGITS else None


def check_query_methods(tags: Tags) -> None:
    """Check `q=`: a list, of which the methods that nobody knows are ignored (RFC 6376 §3.5)."""
    methods = [method.strip(FWS).lower() for method in tags.get("q", b"dns/txt").split(b":")]
    # `dns` alone is what drafts before RFC 4871 said, and it still occurs.
    if b"dns/txt" not in methods and b"dns" not in methods:
        raise unsupported(f"q={tags['q']!r:.40} asks for the key by a method that is not defined")


def read_agent(tags: Tags, sdid: str) -> tuple[str, str]:
    """Read `i=`, dkim-quoted-printable (RFC 6376 §2.11): the identifier, and its domain in A-labels.

    The domain is `d=` or below it (RFC 6376 §6.1.1).
    """
    value = tags.get("i")
    if value is None:
        return f"@{sdid}", sdid
    agent = quoted_printable(value).decode("utf-8", "replace")
    local, at, written = agent.rpartition("@")
    domain = a_labels(written) if at else None
    if domain is None:
        raise malformed(f"i= does not end in a domain name: {value!r:.80}")
    if domain != sdid and not domain.endswith("." + sdid):
        raise malformed(f"i= is in {domain}, which is not in d={sdid}")
    return f"{local}@{domain}", domain


def quoted_printable(value: bytes) -> bytes:
    """Decode dkim-quoted-printable, RFC 6376 §2.11: `=XX`, and white space that does not count.

    >>> quoted_printable(b"joe=40 home@example.com")
    b'joe@home@example.com'
    """
    first, *escaped = value.translate(None, FWS).split(b"=")
    return first + b"".join(map(_unescape, escaped))


def _unescape(part: bytes) -> bytes:
    try:
        return bytes.fromhex(part[:2].decode("ascii")) + part[2:]
    except ValueError as fault:
        raise malformed(f"i= is not quoted-printable: {b'=' + part!r:.80}") from fault
