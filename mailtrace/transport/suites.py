"""A cipher suite by its registered name: whatever library printed it, the one name that IANA gave it (registry.py).

The libraries' names are found in a table or follow from the registered name by a rule without exceptions. What could be
two suites, or none that is registered, has no name here: it is never guessed.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from mailtrace.patterns import lazy
from mailtrace.transport.registry import ROWS
from mailtrace.transport.registry_shared import ROWS as ROWS_SHARED

NAME_LIMIT = 128
"""Characters of a name that are looked at; the longest registered one has 45."""

# Schannel writes the curve behind the name: TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384_P384.
_CURVE = lazy(r"_P(?:256|384|521)$")
# RFC 8446 §B.4: in TLS 1.3 the bulk cipher decides the hash.
_TLS13_HASHES = MappingProxyType(
    {
        "AES_128_GCM": "SHA256",
        "AES_256_GCM": "SHA384",
        "CHACHA20_POLY1305": "SHA256",
        "AES_128_CCM": "SHA256",
        "AES_128_CCM_8": "SHA256",
    }
)
# In TLS 1.2 the registered names of CCM have none (RFC 6655 §3), those of the others the same (RFC 5288, RFC 7905).
_TLS12_AEAD = MappingProxyType(
    {bulk: f"{bulk}_{digest}" for bulk, digest in _TLS13_HASHES.items() if "CCM" not in bulk}
    | {bulk: bulk for bulk in ("AES_128_CCM", "AES_256_CCM", "AES_128_CCM_8", "AES_256_CCM_8")}
)
# LibreSSL's names of the three suites of TLS 1.3 that it has.
_LIBRESSL = MappingProxyType(
    {
        "AEAD_AES128_GCM_SHA256": "TLS_AES_128_GCM_SHA256",
        "AEAD_AES256_GCM_SHA384": "TLS_AES_256_GCM_SHA384",
        "AEAD_CHACHA20_POLY1305_SHA256": "TLS_CHACHA20_POLY1305_SHA256",
    }
)
_HEADS = ("TLS13_", "TLS1_3_", "TLS_", "SSL_")
_HEX = frozenset("0123456789ABCDEF")
_MACS = MappingProxyType({"SHA1": "SHA", "SHA256": "SHA256", "SHA384": "SHA384", "MD5": "MD5"})


def iana_name(cipher: str, version: str | None = None) -> str | None:
    """Return the registered name of a suite as some library printed it; None where that cannot be decided.

    >>> iana_name("ECDHE-RSA-AES256-GCM-SHA384"), iana_name("AES-256-GCM"), iana_name("AES-256-GCM", "TLSv1.3")
    ('TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', None, 'TLS_AES_256_GCM_SHA384')
    """
    # SSL 2 has suites of its own under the same names in OpenSSL (`RC4-MD5`); none of them is registered.
    if len(cipher) > NAME_LIMIT or version == "SSLv2":
        return None
    key = cipher.upper().replace("-", "_")
    bare = _CURVE.sub("", key) if "_P" in key else key
    printed = _printed()
    found = printed.get(key) or printed.get(bare) or _LIBRESSL.get(key) or _derived(key) or _derived(bare)
    if found is not None:
        return _in_tls13(found) if version == "TLSv1.3" else found
    if "__" in key:
        return _described(key.split("__"), version)
    return _tls13(key) if version == "TLSv1.3" else None


@cache
def registered() -> Mapping[str, str]:
    """Return every registered name by its code point (`C02F`)."""
    return MappingProxyType({row[0]: row[1] for row in _rows()})


def _rows() -> Iterator[list[str]]:
    """Take the tables apart: a code point begins a row."""
    row: list[str] = []
    for word in f"{ROWS} {ROWS_SHARED}".split():
        if len(word) == 4 and _HEX.issuperset(word):
            if row:
                yield row
            row = []
        row.append(word)
    yield row


@cache
def _printed() -> Mapping[str, str]:
    """Return the registered name for its own spellings and those that stand in the tables: all that most runs meet."""
    return MappingProxyType(
        {spelling.upper().replace("-", "_"): iana for _, iana, *others in _rows() for spelling in (iana, *others)}
    )


def _derived(key: str) -> str | None:
    """Return the registered name that a spelling follows from by rule; None if there is none, or more than one."""
    alike = _alike().get(_core(key), ())
    meant = [iana for iana in alike if key in {spelling.upper() for spelling in _other_libraries(iana)}]
    return meant[0] if len(meant) == 1 else None


@cache
def _alike() -> Mapping[str, list[str]]:
    """Return the registered names by their core: of a few of them the spellings are soon made, of all they are not."""
    found: dict[str, list[str]] = {}
    for _, iana, *_ in _rows():
        found.setdefault(_core(iana.upper()), []).append(iana)
    return MappingProxyType(found)


def _core(key: str) -> str:
    """Return what all spellings of a suite have in common, and seldom two suites: what they differ in is taken out."""
    head = next((head for head in _HEADS if key.startswith(head)), "")
    core = key[len(head) :].replace("_WITH_", "_").replace("ARCFOUR", "RC4").replace("RC4_128", "RC4")
    core = core.removesuffix("_SHA256" if "CHACHA20" in core else "1")
    if core.startswith("ANON_"):
        exchange, _, rest = core.removeprefix("ANON_").partition("_")
        return f"{exchange}_ANON_{rest}"
    return core


def _other_libraries(iana: str) -> Iterator[str]:
    """Derive what other libraries print from the registered name."""
    bare = iana.removeprefix("TLS_")
    if "_WITH_" not in iana:
        yield from (f"TLS13_{bare}", f"TLS1_3_{bare}")  # rustls; Mbed TLS
        return
    yield f"SSL_{bare}"  # Java, for what is older than TLS 1.0
    # Go and GnuTLS leave the hash of ChaCha20-Poly1305 away.
    short = bare.removesuffix("_SHA256") if "CHACHA20" in bare else bare
    yield f"TLS_{short}"
    for name in {bare, short}:
        yield from _gnutls(name.replace("_WITH_", "_"))


def _gnutls(name: str) -> Iterator[str]:
    """GnuTLS: no WITH, SHA1 for SHA (older: SHA), ARCFOUR for RC4, anonymous before or after; with TLS_ or without."""
    forms = {name}
    forms |= {re.sub("_SHA$", "_SHA1", form) for form in forms}
    forms |= {form.replace("RC4_", "ARCFOUR_") for form in forms}
    forms |= {form.replace("ARCFOUR_128", "ARCFOUR") for form in forms}
    forms |= {re.sub("^(EC)?DH_anon_", lambda match: f"ANON_{match[1] or ''}DH_", form) for form in forms}
    yield from sorted(forms)
    yield from sorted(f"TLS_{form}" for form in forms)


def _tls13(bulk: str) -> str | None:
    """Name the suite of TLS 1.3 by its bulk cipher, which has but one."""
    digest = _TLS13_HASHES.get(bulk)
    return None if digest is None else f"TLS_{bulk}_{digest}"


def _in_tls13(found: str) -> str | None:
    """RFC 8446 §B.4: older suites cannot be used with TLS 1.3. Exim with GnuTLS names them by its key exchange as well.

    What is left without that is the suite; what TLS 1.3 has not (CBC, RC4) was not used with it.
    """
    _, with_exchange, bulk = found.partition("_WITH_")
    if not with_exchange:
        return found
    return _tls13(bulk.removesuffix("_SHA256").removesuffix("_SHA384"))


def _described(parts: list[str], version: str | None) -> str | None:
    """Read the description that GnuTLS makes of a session, as Exim prints it: key exchange, signature, cipher, MAC.

    `ECDHE_SECP256R1__RSA_PSS_RSAE_SHA256__AES_256_GCM`; under TLS 1.2 without AEAD a fourth part is the MAC.
    """
    mac = _MACS.get(parts[-1])
    bulk = parts[-2] if mac else parts[-1]
    if version == "TLSv1.3":
        return None if mac else _tls13(bulk)
    if version is None:
        # Both versions have such sessions, and other suites for them.
        return None
    exchange = "_".join(parts[: -2 if mac else -1]).split("_")
    kind = exchange[0]
    signer = next((word for word in exchange[1:] if word in {"RSA", "ECDSA"}), None)
    keys = kind if kind == "RSA" else f"{kind}_{signer}"
    cipher = f"{bulk}_{mac}" if mac else _TLS12_AEAD.get(bulk)
    name = f"TLS_{keys}_WITH_{cipher}"
    return name if name in registered().values() else None
