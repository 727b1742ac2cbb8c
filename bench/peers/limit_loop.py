"""The limit: read the message, hash its body, verify one RSA-2048 signature. Nothing can be faster and be a check."""

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cryptography.hazmat.backends.openssl.backend import backend
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bench.peers.loop import Entry, Judge, main


def make(_: Path) -> tuple[Judge, dict[str, str]]:
    """Make one signature, to be verified again and again."""
    private = rsa.generate_private_key(65537, 2048)
    signature = private.sign(b"signed", padding.PKCS1v15(), hashes.SHA256())
    public = private.public_key()

    def judge(raw: bytes, _: Entry) -> dict[str, Any]:
        hashlib.sha256(memoryview(raw)[raw.find(b"\r\n\r\n") + 4 :]).digest()
        public.verify(signature, b"signed", padding.PKCS1v15(), hashes.SHA256())
        return {}

    return judge, {"cryptography": version("cryptography"), "OpenSSL": backend.openssl_version_text()}


if __name__ == "__main__":
    main(make)
