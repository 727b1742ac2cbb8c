"""SHA-256, and SHA-1 for old signatures: `cryptography` computes them, which is there for the signatures anyway.

`hashlib` would load OpenSSL once more, which took a thirtieth of the time of a run over one message.
"""

from cryptography.hazmat.primitives.hashes import SHA1, SHA256, Hash, HashAlgorithm

__all__ = ["ALGORITHMS", "Hash", "digest_of", "hash_named", "sha256"]

ALGORITHMS: dict[str, HashAlgorithm] = {"sha1": SHA1(), "sha256": SHA256()}  # noqa: S303 - to verify old mail


def hash_named(name: str) -> Hash:
    """Return a running hash, `sha1` or `sha256`: `update`, `copy`, and `finalize` at the end."""
    return Hash(ALGORITHMS[name])


def sha256(octets: bytes = b"") -> Hash:
    """Return a running hash over these octets so far."""
    running = hash_named("sha256")
    running.update(octets)
    return running


def digest_of(name: str, octets: bytes) -> bytes:
    """Hash octets as a whole."""
    running = hash_named(name)
    running.update(octets)
    return running.finalize()
