"""Outlook's .msg, the compound file of MS-OXMSG, read with olefile (the extra `msg`).

It does not keep a message's octets. What is given is put together again from the transport header, where the sender's
server left one, and from what is left of the body: enough for the path and the stamps, and marked as a reconstruction,
since no signature over it can be checked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formataddr
from typing import Any, BinaryIO

from mailtrace.errors import MessageError
from mailtrace.sources.spool import new_spool

MAX_STREAM = 1 << 26
"""Octets of one property that are read."""

# MS-OXPROPS: properties by their tags; 001F is text in UTF-16, 001E in the code page of the file.
_HEADER, _BODY, _HTML = "007D", "1000", "1013"
_SUBJECT, _SENDER_NAME, _SENDER_SMTP, _SENDER_ADDRESS, _DISPLAY_TO = "0037", "0C1A", "5D01", "0C1F", "0E04"
_MESSAGE_ID, _SENT_SMTP = "1035", "5D02"


@contextmanager
def reconstructed(file: BinaryIO) -> Iterator[BinaryIO]:
    """Put the message of a compound file together again. Raises MessageError without a message, or without olefile."""
    try:
        import olefile  # noqa: PLC0415 - an extra
    except ImportError as fault:
        raise MessageError("an Outlook file: install mailtrace with the extra [msg] to read it") from fault
    file.seek(0)
    try:
        with olefile.OleFileIO(file) as compound:
            octets = _message(compound)
    except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError) as fault:
        raise MessageError("an Outlook or Office file that cannot be read as a message") from fault
    with new_spool() as spool:
        spool.write(octets)
        spool.seek(0)
        yield spool


def _message(compound: Any) -> bytes:
    if not compound.exists("__properties_version1.0"):
        raise MessageError("an Office file, and no message of Outlook")
    header = _header(compound)
    body = _text(compound, _BODY)
    if body is not None:
        kind, text = "text/plain", body
    else:
        kind, text = "text/html", _html(compound)
    lines = [*header, "MIME-Version: 1.0", f"Content-Type: {kind}; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    joined = "\n".join([*lines, "", text]).replace("\r\n", "\n").replace("\r", "\n")
    return joined.replace("\n", "\r\n").encode("utf-8", "surrogateescape")


def _header(compound: Any) -> list[str]:
    """Return the lines of the transport header without those that speak of a body which is not there any more."""
    transport = _text(compound, _HEADER)
    if transport is None or ":" not in transport:
        return _made_header(compound)
    kept: list[str] = []
    dropped = False
    for line in transport.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if not line.strip():
            continue
        if not line[0].isspace():
            dropped = line.lower().startswith(("content-type:", "content-transfer-encoding:", "mime-version:"))
            if ":" not in line:
                dropped = True
        if not dropped:
            kept.append(line)
    return kept


def _made_header(compound: Any) -> list[str]:
    """Make the fields that the properties hold: a message that was never sent, or whose header was not kept."""
    name = _text(compound, _SENDER_NAME) or ""
    address = _text(compound, _SENDER_SMTP) or _text(compound, _SENT_SMTP) or _text(compound, _SENDER_ADDRESS) or ""
    fields = {
        "From": formataddr((name, address)) if "@" in address else None,
        "To": _text(compound, _DISPLAY_TO),
        "Subject": _text(compound, _SUBJECT),
        "Message-ID": _text(compound, _MESSAGE_ID),
    }
    return [f"{field}: {' '.join(value.split())}" for field, value in fields.items() if value and value.strip()]


def _text(compound: Any, tag: str) -> str | None:
    for kind, charset in (("001F", "utf-16-le"), ("001E", "cp1252")):
        octets = _stream(compound, f"__substg1.0_{tag}{kind}")
        if octets is not None:
            return octets.decode(charset, "replace").rstrip("\0")
    return None


def _html(compound: Any) -> str:
    octets = _stream(compound, f"__substg1.0_{_HTML}0102")
    return octets.decode("utf-8", "replace") if octets is not None else _text(compound, _HTML) or ""


def _stream(compound: Any, name: str) -> bytes | None:
    if not compound.exists(name):
        return None
    with compound.openstream(name) as stream:
        octets: bytes = stream.read(MAX_STREAM)
    return octets
