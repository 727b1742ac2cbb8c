"""Keys that are the same every time: RSA from primes of the generator's own dice, Ed25519 from 32 of its octets."""

import base64
import random
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

EXPONENT = 65537
WINDOW = 1 << 14
"""Odd numbers that are sieved at once; a prime of 1,024 bits is met every 355 of them."""


def _small_primes(limit: int) -> list[int]:
    sieve = bytearray([1]) * limit
    for n in range(3, int(limit**0.5) + 1, 2):
        if sieve[n]:
            sieve[n * n :: 2 * n] = bytes(len(range(n * n, limit, 2 * n)))
    return [n for n in range(3, limit, 2) if sieve[n]]


SMALL_PRIMES = _small_primes(100_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A signing key and the algorithm of its signatures."""

    algorithm: str
    """`rsa-sha256` or `ed25519-sha256`, as in the `a=` tag."""
    private: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

    @property
    def record(self) -> str:
        """The key record (RFC 6376 §3.6.1, RFC 8463 §4)."""
        public = self.private.public_key()
        if isinstance(public, ed25519.Ed25519PublicKey):
            return f"v=DKIM1; k=ed25519; p={base64.b64encode(public.public_bytes_raw()).decode()}"
        der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"

    def sign(self, octets: bytes, digest: bytes) -> bytes:
        """Sign what was hashed: RSA takes the octets, Ed25519 their digest (RFC 8463 §3)."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(digest)
        return self.private.sign(octets, padding.PKCS1v15(), hashes.SHA256())


def make_key(kind: str, dice: random.Random) -> Key:
    """Make a key: `rsa2048`, `rsa1024` or `ed25519`."""
    if kind == "ed25519":
        private = ed25519.Ed25519PrivateKey.from_private_bytes(dice.randbytes(32))
        return Key(algorithm="ed25519-sha256", private=private)
    return Key(algorithm="rsa-sha256", private=_rsa(int(kind.removeprefix("rsa")), dice))


def _rsa(bits: int, dice: random.Random) -> rsa.RSAPrivateKey:
    p, q = prime(bits // 2, dice), prime(bits // 2, dice)
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    return rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=d % (p - 1),
        dmq1=d % (q - 1),
        iqmp=pow(q, -1, p),
        public_numbers=rsa.RSAPublicNumbers(EXPONENT, p * q),
    ).private_key()


def prime(bits: int, dice: random.Random) -> int:
    """Return the first prime from a thrown place on, with its two topmost bits set."""
    while True:
        start = dice.getrandbits(bits) | 3 << (bits - 2) | 1
        sieve = bytearray([1]) * WINDOW
        for small in SMALL_PRIMES:
            # the first k for which start + 2k is a multiple
            first = (-start * (small + 1) // 2) % small
            sieve[first::small] = bytes(len(range(first, WINDOW, small)))
        for k in range(WINDOW):
            candidate = start + 2 * k
            if sieve[k] and candidate.bit_length() == bits and _is_prime(candidate):
                return candidate


def _is_prime(n: int) -> bool:
    # a number of this size that passes to one base and is none would be news; the second base is for good measure
    return pow(2, n - 1, n) == 1 and pow(3, n - 1, n) == 1 and (n - 1) % EXPONENT != 0
