"""The two forms in which DKIM publishes an RSA key (RFC 6376 §3.6.1), taken apart if they are written as DER has them.

Only what is exactly in these forms is read. Everything else is not refused here, but left to `cryptography`, so that
nothing depends on how strict this is: what is read is read alike by both.
"""

_SEQUENCE, _INTEGER, _BIT_STRING = 0x30, 0x02, 0x03
_RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")
"""AlgorithmIdentifier of rsaEncryption, with the NULL that belongs to it (RFC 8017, appendix A.1)."""


def rsa_numbers(octets: bytes) -> tuple[int, int] | None:
    """Return modulus and exponent of a SubjectPublicKeyInfo or RSAPublicKey; None for what is not exactly one."""
    try:
        inner = _only(octets, _SEQUENCE)
        if inner.startswith(_RSA_ENCRYPTION):
            bits = _only(inner[len(_RSA_ENCRYPTION) :], _BIT_STRING)
            if bits[:1] != b"\0":
                return None
            inner = _only(bits[1:], _SEQUENCE)
        modulus, rest = _element(inner, _INTEGER)
        return _positive(modulus), _positive(_only(rest, _INTEGER))
    except ValueError:
        return None


def _only(octets: bytes, tag: int) -> bytes:
    content, rest = _element(octets, tag)
    if rest:
        raise ValueError("something behind it")
    return content


def _element(octets: bytes, tag: int) -> tuple[bytes, bytes]:
    """Return the content of the first element, and what stands behind it. Raises ValueError if it is no such one."""
    if len(octets) < 2 or octets[0] != tag:
        raise ValueError("another element")
    length, begin = octets[1], 2
    if length > 0x7F:
        begin += length - 0x80
        length = int.from_bytes(octets[2:begin], "big")
        # DER: the length is written in as few octets as it can be; two are enough for every key that is read here.
        if begin not in (3, 4) or length < (0x80, 0x100)[begin - 3]:
            raise ValueError("not its shortest length")
    end = begin + length
    if end > len(octets):
        raise ValueError("cut off")
    return octets[begin:end], octets[end:]


def _positive(content: bytes) -> int:
    """Return the number. DER: no octet of zeros in front that its sign does not need."""
    if not content or content[0] > 0x7F or (content[0] == 0 and content[1:2] < b"\x80"):
        raise ValueError("no positive number in its shortest form")
    return int.from_bytes(content, "big")
