"""What a cipher suite's name says: RFC 8446 §B.4 and RFC 5246 §A.5, in the spellings that mail servers print.

One suite has many names. OpenSSL writes `ECDHE-RSA-AES256-GCM-SHA384`, IANA `TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384`,
Schannel adds the curve (`..._P384`), GnuTLS leaves the prefix away or doubles the underscore
(`ECDHE_SECP256R1__RSA_PSS_RSAE_SHA256__AES_256_GCM`), LibreSSL says `AEAD-AES256-GCM-SHA384`, rustls
`TLS13_AES_256_GCM_SHA384`. All are read the same way: upper case, split at `-` and `_`, and looked at word by word.
"""

from enum import unique
from functools import lru_cache

from mailtrace.enums import StrEnum
from mailtrace.records import Struct

NAME_LIMIT = 128
"""Characters of a name that are looked at; the longest registered one has 45."""


@unique
class Trait(StrEnum):
    """A property of a suite that a profile may object to."""

    NULL = "null"  # no encryption at all
    EXPORT = "export"  # 40 or 56 bits, by law once
    RC4 = "rc4"
    RC2 = "rc2"
    DES = "des"
    TRIPLE_DES = "3des"
    IDEA = "idea"
    MD5 = "md5"  # as the record's MAC
    ANONYMOUS = "anonymous"  # the key exchange names nobody: normal between opportunistic servers
    CBC = "cbc"
    STATIC_KEY = "static-key"  # no forward secrecy


class Suite(Struct, frozen=True, kw_only=True):
    """What the name says."""

    traits: tuple[Trait, ...]
    forward_secrecy: bool | None
    """None: the name does not say how keys were exchanged."""
    aead: bool | None
    """None: the name does not say in which mode the cipher runs."""
    oldest_version: str | None
    """The oldest version that knows such a suite (`TLSv1.2` for GCM); None where every version does."""


_TLS13_PREFIXES = ("TLS_AES_", "TLS_CHACHA20_", "TLS_SM4_", "TLS13_", "AEAD_", "TLS_SHA256_", "TLS_SHA384_")
_EPHEMERAL = frozenset({"ECDHE", "DHE", "EDH", "EECDH", "ADH", "AECDH"})
_ANONYMOUS = frozenset({"ADH", "AECDH", "ANON"})
_STATIC = frozenset({"RSA", "ECDH", "DH", "PSK", "KRB5"})
_AEAD = frozenset({"GCM", "CCM", "CCM8", "CHACHA20", "POLY1305", "OCB", "OCB8"})
_BULK = ("AES", "CAMELLIA", "ARIA", "SEED", "SM4", "GOST", "IDEA", "DES", "3DES", "RC2")
_MAC = frozenset({"SHA", "SHA1", "SHA256", "SHA384", "MD5"})
_HASHES = (("SHA256",), ("SHA384",))
_SINCE_TLS12 = frozenset({"SHA256", "SHA384"}) | _AEAD


def read_suite(name: str) -> Suite | None:
    """Read the name; None where it names no suite (`OTHER`).

    >>> read_suite("DES-CBC3-SHA").traits
    (<Trait.TRIPLE_DES: '3des'>, <Trait.CBC: 'cbc'>, <Trait.STATIC_KEY: 'static-key'>)
    """
    return _read(name[:NAME_LIMIT])


@lru_cache(maxsize=512)
def _read(name: str) -> Suite | None:
    unified = name.upper().replace("-", "_")
    words = tuple(word for word in unified.split("_") if word)
    tls13 = is_tls13(name)
    if not tls13 and not _names_a_cipher(words):
        return None
    secrecy = True if tls13 else _forward_secrecy(words)
    found = _weaknesses(words, tls13=tls13)
    # RFC 8446 §B.4: TLS 1.3 has no suite that encrypts otherwise, however the name is cut.
    aead: bool | None = not _AEAD.isdisjoint(words) or (tls13 and Trait.NULL not in found)
    if not aead and found.isdisjoint({Trait.NULL, Trait.RC4}):
        if _leaves_mode_out(words):
            aead = None
        else:
            found |= {Trait.CBC}
    if secrecy is False:
        found |= {Trait.STATIC_KEY}
    return Suite(
        traits=tuple(trait for trait in Trait if trait in found),
        forward_secrecy=secrecy,
        aead=aead,
        oldest_version=_oldest_version(words, tls13=tls13),
    )


def is_tls13(name: str) -> bool:
    """Say whether the name can only be a TLS 1.3 suite (RFC 8446 §B.4: no key exchange in it, no `WITH`)."""
    unified = name[:NAME_LIMIT].upper().replace("-", "_")
    return unified.startswith(_TLS13_PREFIXES) and "_WITH_" not in unified


def _names_a_cipher(words: tuple[str, ...]) -> bool:
    return any(word.startswith((*_BULK, "CHACHA20", "RC4", "ARCFOUR", "NULL", "ENULL")) for word in words)


def _forward_secrecy(words: tuple[str, ...]) -> bool | None:
    """Say whether keys were exchanged ephemerally; TLS 1.3 always does and is not asked."""
    # `DH_anon` and GnuTLS's `ANON_DH` are ephemeral, though they name nobody.
    if not (_EPHEMERAL | {"ANON"}).isdisjoint(words):
        return True
    if "SRP" in words:
        return None
    if not _STATIC.isdisjoint(words):
        return False
    # OpenSSL leaves the key exchange away where it is RSA (`AES128-SHA`). A bulk cipher alone (`AES-256-GCM`, as
    # ecelerity writes) says nothing of it: such a name has no MAC word.
    if not _MAC.isdisjoint(words) or (words[0] in {"AES128", "AES256"} and len(words) > 1):
        return False
    return None


def _leaves_mode_out(words: tuple[str, ...]) -> bool:
    """OpenSSL leaves CBC away, and names any other mode; the registered names have all of them.

    .NET gives the bulk cipher alone (`Aes256`), of which others make names that look like a registered one.
    """
    modes = _AEAD | {"CBC", "CBC3", "CBC40"}
    return len(words) == 1 or (words[0] == "TLS" and "WITH" in words and modes.isdisjoint(words))


def _weaknesses(words: tuple[str, ...], *, tls13: bool) -> set[Trait]:
    """Collect what is wrong with the cipher, the MAC and the authentication."""
    triple = any(word in {"3DES", "CBC3", "EDE", "EDE3"} for word in words)
    named = {
        # RFC 9150: TLS_SHA256_SHA256 protects integrity only.
        Trait.NULL: "NULL" in words or "ENULL" in words or (tls13 and words[1:2] in _HASHES),
        Trait.EXPORT: any(word.startswith("EXP") for word in words) or "DES40" in words,
        Trait.RC4: any(word.startswith(("RC4", "ARCFOUR")) for word in words),
        Trait.RC2: any(word.startswith("RC2") for word in words),
        Trait.TRIPLE_DES: triple,
        Trait.DES: not triple and any(word.startswith("DES") for word in words),
        Trait.IDEA: "IDEA" in words,
        Trait.MD5: "MD5" in words,
        Trait.ANONYMOUS: not _ANONYMOUS.isdisjoint(words),
    }
    return {trait for trait, so in named.items() if so}


def _oldest_version(words: tuple[str, ...], *, tls13: bool) -> str | None:
    if tls13:
        return "TLSv1.3"
    # RFC 5246 §5, RFC 5288: AEAD and the SHA-2 MACs came with TLS 1.2. In GnuTLS's long form SHA256 may be the
    # signature's hash, which came with TLS 1.2 as well.
    return "TLSv1.2" if not _SINCE_TLS12.isdisjoint(words) else None
