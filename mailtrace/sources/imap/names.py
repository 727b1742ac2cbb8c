"""Folder names as they go over the wire: IMAP's modified UTF-7 (RFC 3501 §5.1.3). Pure."""

import base64
import re

_SHIFTED = re.compile(r"&([A-Za-z0-9+,]{0,400})-")
_OTHERS = re.compile(r"[^\x20-\x7e]+|&")


def decoded(name: str) -> str:
    """Read a name; what is no modified UTF-7 stays as it is.

    >>> decoded("Gel&APY-scht"), decoded("A &- B")
    ('Gelöscht', 'A & B')
    """

    def text(match: re.Match[str]) -> str:
        if not match[1]:
            return "&"
        octets = match[1].replace(",", "/")
        try:
            return base64.b64decode(octets + "=" * (-len(octets) % 4)).decode("utf-16-be")
        except ValueError:
            return match[0]

    return _SHIFTED.sub(text, name)


def encoded(name: str) -> str:
    """Write a name.

    >>> encoded("Gelöscht"), encoded("A & B")
    ('Gel&APY-scht', 'A &- B')
    """

    def shifted(match: re.Match[str]) -> str:
        if match[0] == "&":
            return "&-"
        octets = base64.b64encode(match[0].encode("utf-16-be", "surrogatepass")).decode().rstrip("=")
        return f"&{octets.replace('/', ',')}-"

    return _OTHERS.sub(shifted, name)
