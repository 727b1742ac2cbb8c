"""Public keys and signatures, RFC 6376 §3.3, RFC 8463: all arithmetic is that of `cryptography`.

A key comes from whoever sent the message, so its size is capped before anything computes with it.
"""

from typing import TYPE_CHECKING

from mailtrace.auth.der import rsa_numbers
from mailtrace.digests import ALGORITHMS
from mailtrace.left_out import later, left_out
from mailtrace.records import Struct

# It is for finding the primes of a private key; here are public ones only.
with left_out((later("random"),)):
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

if TYPE_CHECKING:
    from typing import TypeGuard

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MAX_RSA_BITS = 8192
"""RFC 8301 §3.2 asks verifiers for 1024 to 4096 bits."""
MAX_RSA_EXPONENT = 1 << 33
MAX_KEY_OCTETS = 2 * MAX_RSA_BITS // 8
"""Of the DER form: modulus, exponent and frame."""
MIN_RSA_BITS = 1024
"""RFC 8301 §3.2: signatures by shorter keys are not to be considered valid."""
SIGNERS_RSA_BITS = 2048
"""RFC 8301 §3.2: signers MUST use at least 1024 bits, and SHOULD use at least these."""
ED25519_OCTETS = 32


class PublicKey(Struct, frozen=True):
    """A key that can be computed with."""

    key: "RSAPublicKey | Ed25519PublicKey"

    @property
    def key_type(self) -> str:
        """`rsa` or `ed25519`."""
        return "rsa" if isinstance(self.key, RSAPublicKey) else "ed25519"

    @property
    def bits(self) -> int:
        """Length of the RSA modulus; 256 for Ed25519."""
        return self.key.key_size if isinstance(self.key, RSAPublicKey) else 256

    @property
    def is_weak(self) -> bool:
        """True for RSA below 1024 bits."""
        return self.bits < MIN_RSA_BITS and self.key_type == "rsa"

    @property
    def is_short(self) -> bool:
        """True for RSA that counts, and is shorter than signers are advised to use."""
        return MIN_RSA_BITS <= self.bits < SIGNERS_RSA_BITS and self.key_type == "rsa"


def load_key(key_type: str, octets: bytes) -> PublicKey:
    """Load what `p=` holds: an RSA key as SubjectPublicKeyInfo or RSAPublicKey, an Ed25519 key as its 32 octets.

    RFC 8463 §4.2 wants the bare 32 octets; a SubjectPublicKeyInfo is what some publish, and cannot be mistaken.
    Raises ValueError if it is not a key of that type, or larger than we compute with.
    """
    if key_type == "ed25519" and len(octets) == ED25519_OCTETS:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - few sign so

        return PublicKey(Ed25519PublicKey.from_public_bytes(octets))
    if len(octets) > MAX_KEY_OCTETS:
        raise ValueError(f"a key of {len(octets)} octets, larger than {MAX_RSA_BITS} bits")
    try:
        key = _load(octets)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise ValueError(f"not a {key_type} public key") from fault
    if isinstance(key, RSAPublicKey) and key_type == "rsa":
        _check_size(key)
        return PublicKey(key)
    if key_type == "ed25519" and _is_ed25519(key):
        return PublicKey(key)
    raise ValueError(f"a key of another type than k={key_type}")


def _is_ed25519(key: object) -> "TypeGuard[Ed25519PublicKey]":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - few sign so

    return isinstance(key, Ed25519PublicKey)


def _load(octets: bytes) -> object:
    numbers = rsa_numbers(octets)
    if numbers is not None:
        modulus, exponent = numbers
        return RSAPublicNumbers(exponent, modulus).public_key()
    # Imported with all its formats, of which DKIM has two: that takes longer than to verify a hundred signatures.
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    return load_der_public_key(octets)


def _check_size(key: RSAPublicKey) -> None:
    if key.key_size > MAX_RSA_BITS:
        raise ValueError(f"an RSA key of {key.key_size} bits, {MAX_RSA_BITS} at the most")
    if key.public_numbers().e >= MAX_RSA_EXPONENT:
        raise ValueError("an RSA key with an exponent beyond 2^33")


def verifies(public: PublicKey, signature: bytes, digest: bytes, digest_name: str) -> bool:
    """Tell whether `signature` was made by this key over this digest."""
    try:
        if isinstance(public.key, RSAPublicKey):
            public.key.verify(signature, digest, PKCS1v15(), Prehashed(ALGORITHMS[digest_name]))
        else:
            # RFC 8463 §3: Ed25519 signs the SHA-256 digest, not the header itself.
            public.key.verify(signature, digest)
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True


def is_made_by(public: PublicKey, signature: bytes, digest_name: str) -> bool | None:
    """Tell whether this key made the signature at all, over whatever; None where that cannot be told (Ed25519)."""
    if not isinstance(public.key, RSAPublicKey):
        return None
    return signed_digest(public, signature, digest_name) is not None


def signed_digest(public: PublicKey, signature: bytes, digest_name: str) -> bytes | None:
    """Return the digest that was signed, whatever it is of; None if this key did not make the signature, or not by RSA.

    An RSA signature gives back the digest that was signed (RFC 8017 §8.2.2): if it has the right form, the signature is
    genuine, and a digest that differs from ours shows that something else was signed than what we have.
    """
    if not isinstance(public.key, RSAPublicKey):
        return None
    try:
        return public.key.recover_data_from_signature(signature, PKCS1v15(), ALGORITHMS[digest_name])
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return None
