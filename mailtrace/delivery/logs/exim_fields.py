r"""The fields of an Exim log line: `H=mx.example.com [192.0.2.1]:25 X=TLS1.3:TLS_AES_256_GCM_SHA384:256 C="250 OK"`.

A value ends at the next blank, but for a quoted one (`T=`, `C=`; with `\"` and `\303` in it), the host with its names
and addresses, and `for`, which takes the rest of the line. Quoted values are the sender's or the other server's own
words, so the line is read from its beginning and never searched.
"""

import re
from functools import lru_cache

from mailtrace.delivery.logs.entries import number
from mailtrace.transport.statements import read_comment
from mailtrace.transport.tls import logged_tls
from mailtrace.transport.types import TLSInfo

_FIELD = re.compile(
    r"(?P<name>[A-Za-z]{1,12})\*?=(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\""
    r"|(?P<host>(?<=H=)(?:[^\s\[\"]+ )?(?:\([^)\s]*\) )?\[[^\]\s]+\](?::\d+)?)|(?P<bare>\S*))(?P<end>:?(?: |$))",
    re.DOTALL,
)
_SKIPPED = re.compile(r"[^\s=]+(?: |$)")
_PORT = re.compile(r":\d+$")
_ESCAPE = re.compile(r"\\(?:([0-7]{3})|(.))", re.DOTALL)
_TIME = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$")
_FOR = "for "


class Fields:
    """Reads the fields once; of one that is written twice the first counts."""

    def __init__(self, text: str) -> None:
        self._found: dict[str, str] = {}
        self.reason = ""
        """What stands behind the fields, from the first `: ` on: why a delivery failed."""
        self._read(text)

    def get(self, name: str) -> str | None:
        """Return a value; None where it is not there."""
        return self._found.get(name)

    @property
    def peer(self) -> str | None:
        """The host, as `name[address]`, and `(HELO)` in place of a name that was not found."""
        host = self._found.get("H")
        if host is None:
            return None
        # A HELO may be an address as well: H=([192.0.2.7]) [192.0.2.10]:54321
        name, _, address = host.rpartition("[")
        names = name.split()
        return f"{names[0] if names else ''}[{_PORT.sub('', address)}" if address else host

    def _read(self, text: str) -> None:
        at = 0
        while at < len(text):
            if text.startswith(_FOR, at):
                self._found.setdefault("for", text[at + len(_FOR) :])
                return
            match = _FIELD.match(text, at)
            if match is None:
                if self._ends(text, at):
                    return
                skipped = _SKIPPED.match(text, at)
                at = skipped.end() if skipped else at + 1
                continue
            at = match.end()
            value = _unquoted(match["quoted"]) if match["quoted"] is not None else match["host"] or match["bare"]
            self._found.setdefault(match["name"], value.removesuffix(":"))
            if match["end"].startswith(":") or (match["bare"] or "").endswith(":"):
                self.reason = text[at:]
                return

    def _ends(self, text: str, at: int) -> bool:
        """Say whether the reason begins here: `defer (-53): retry time not reached`, or `: reason`."""
        if match := _REASON.match(text, at):
            self.reason = text[match.end() :] or text[at:]
            return True
        return False


_REASON = re.compile(r"(?:(?:defer|fail(?:ed)?)? ?(?:\(-?\d+\))?)?: ")


def _unquoted(text: str) -> str:
    r"""Undo Exim's escapes: octal, and a backslash before anything else; octets that are UTF-8 become characters.

    >>> _unquoted(r'caf\303\251 \"x\"')
    'café "x"'
    """
    if "\\" not in text:
        return text
    octets = _ESCAPE.sub(lambda match: chr(int(match[1], 8) & 255) if match[1] else match[2], text)
    try:
        return octets.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return octets


def seconds(text: str | None) -> float | None:
    """Read Exim's times: `1h2m3s`, `0.123s`.

    >>> seconds("1m2s"), seconds("0.25s"), seconds("")
    (62.0, 0.25, None)
    """
    match = _TIME.match(text or "") if text and len(text) < 40 else None
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, rest = (number(part) or 0.0 for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def tls_of(fields: Fields) -> TLSInfo | None:
    """Return what `X=` says."""
    text = fields.get("X")
    return _parameters(text) if text else None


@lru_cache(maxsize=256)
def _parameters(text: str) -> TLSInfo | None:
    statement = read_comment(text)
    return logged_tls(statement) if statement else None
