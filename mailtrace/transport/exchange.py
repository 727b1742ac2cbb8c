"""How keys were exchanged and what the *server* signed with, as far as a field says: RFC 8446 §4.2.7, §4.2.3.

A group has many names (prime256v1, secp256r1, P256); the ones that people use are kept: P-256, X25519, X25519MLKEM768.
"""

from types import MappingProxyType

from mailtrace.patterns import lazy

_LIMIT = 64
"""Characters of a name that are kept."""

# RFC 8422 §5.1.1 names the curves as SECG does; ANSI X9.62 and NIST have their own names for the same.
_GROUPS = MappingProxyType(
    {
        "PRIME192V1": "P-192",
        "SECP192R1": "P-192",
        "SECP224R1": "P-224",
        "PRIME256V1": "P-256",
        "SECP256R1": "P-256",
        "P256": "P-256",
        "SECP384R1": "P-384",
        "P384": "P-384",
        "SECP521R1": "P-521",
        "P521": "P-521",
        "X25519": "X25519",
        "X448": "X448",
        "X25519_MLKEM768": "X25519MLKEM768",
        "X25519MLKEM768": "X25519MLKEM768",
        "SECP256R1_MLKEM768": "SecP256r1MLKEM768",
        "SECP256R1MLKEM768": "SecP256r1MLKEM768",
        "SECP384R1_MLKEM1024": "SecP384r1MLKEM1024",
        "SECP384R1MLKEM1024": "SecP384r1MLKEM1024",
    }
    | {f"FFDHE{bits}": f"ffdhe{bits}" for bits in (2048, 3072, 4096, 6144, 8192)}  # RFC 7919 §2
)
# Postfix, behind the bits: key-exchange ECDHE (P-256) server-signature RSA-PSS (2048 bits) server-digest SHA256
_WORD = lazy(
    r" (key-exchange|server-signature|server-digest|client-signature|client-digest) ([\w./+-]{1,64})"
    r"(?: \(([^()]{1,64})\))?"
)
_SCHANNEL = lazy(r"_WITH_.*_(P(?:256|384|521))$")
_GNUTLS = lazy(r"(?:EC)?DHE(?:_RSA|_ECDSA)?_(\w+?)__")
_GNUTLS_SIGNED = lazy(r"\w+?__((?:RSA|ECDSA|EDDSA)(?:_\w+?)?)__")


def read_words(text: str) -> dict[str, str]:
    """Read what Postfix writes behind the cipher, each value as `RSA-PSS (2048 bits)`.

    >>> read_words(" key-exchange ECDHE (prime256v1) server-signature ECDSA (P-256)")
    {'key-exchange': 'ECDHE (prime256v1)', 'server-signature': 'ECDSA (P-256)'}
    """
    found: dict[str, str] = {}
    for word, name, detail in _WORD.findall(text):
        found.setdefault(word, f"{name} ({detail})" if detail else name)
    return found


def group(exchange: str) -> str:
    """Name the group of Postfix's `key-exchange`: `ECDHE (P-256)` is P-256; `DHE (2048 bits)` stays, it names none.

    >>> group("X25519"), group("ECDHE (prime256v1)"), group("DHE (2048 bits)")
    ('X25519', 'P-256', 'DHE (2048 bits)')
    """
    name, _, detail = exchange.partition(" (")
    inner = detail.removesuffix(")")
    if name.upper() in {"ECDHE", "ECDH"} and inner:
        return known_group(inner) or inner
    return known_group(name) or exchange if not inner else exchange


def known_group(name: str) -> str | None:
    """Return the usual name of a group; None for what is not known as one."""
    key = name.upper()
    return _GROUPS.get(key) or _GROUPS.get(key.replace("-", "")) or _GROUPS.get(key.replace("-", "_"))


def group_in_cipher(cipher: str) -> str | None:
    """Return the group that the cipher's name has in it: Schannel's `_P384`, GnuTLS's `ECDHE_SECP256R1__...`."""
    unified = cipher[: 2 * _LIMIT].upper().replace("-", "_")
    found = _GNUTLS.match(unified) if "__" in unified else _SCHANNEL.search(unified) if "_P" in unified else None
    return known_group(found[1]) if found else None


def signature_in_cipher(cipher: str) -> str | None:
    """Return the server's signature that GnuTLS's description of a session names, as written."""
    unified = cipher[: 2 * _LIMIT].replace("-", "_")
    found = _GNUTLS_SIGNED.match(unified) if "__" in unified else None
    return found[1] if found else None
