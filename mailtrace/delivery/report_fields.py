"""The machine-readable part of a report: groups of fields (RFC 3464 §2.1, RFC 8098 §3.1), as servers really write them.

Takes a part as the standard library gives it; gives fields with their names in lower case, values bounded.
"""

import re
import sys
from email.message import Message

MAX_VALUE = 2000
"""Characters of a value that are kept."""

Group = list[tuple[str, str]]


def groups(part: Message) -> list[Group]:
    """Return the groups of fields of a machine-readable part (RFC 3464 §2.1), names in lower case."""
    return [group for group in (_group(block) for block in re.split(r"\n[ \t]*(?=\n)", content(part))) if group]


def content(part: Message) -> str:
    """Return the text of a part, decoded."""
    payload = part.get_payload()
    if isinstance(payload, list):
        # The standard library has parsed the groups already, and knows nothing of an encoding around them.
        payload = "\n\n".join(child.as_string() for child in payload if isinstance(child, Message))
        encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
        if encoding in ("base64", "quoted-printable"):
            inner = Message()
            inner["Content-Transfer-Encoding"] = encoding
            inner.set_payload(payload)
            decoded = inner.get_payload(decode=True)
            payload = decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else ""
    else:
        decoded = part.get_payload(decode=True)
        payload = decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else ""
    return str(payload).replace("\r\n", "\n")


def _group(block: str) -> Group:
    fields: Group = []
    for line in block.split("\n"):
        if line[:1] in (" ", "\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {line.strip()}"[:MAX_VALUE])
            continue
        name, colon, value = line.partition(":")
        if colon and name.strip() and " " not in name.strip():
            fields.append((name.strip().lower(), value.strip()[:MAX_VALUE]))
    return fields


_OF_RECIPIENT = ("original-recipient", "final-recipient")
_BY_RECIPIENT = (*_OF_RECIPIENT, "action")


def of_message(found: list[Group]) -> tuple[str | None, str | None]:
    """Return the server that reports, and the envelope id (RFC 3464 §2.2)."""
    fields = dict(reversed([pair for group in found for pair in group]))
    return typed(fields.get("reporting-mta")), fields.get("original-envelope-id")


def recipients(found: list[Group]) -> list[dict[str, str]]:
    """Return the fields of each recipient; some servers leave out the empty line before them."""
    people: list[dict[str, str]] = []
    for group in found:
        current: dict[str, str] | None = None
        for name, value in group:
            if current is None or _begins_another(name, current):
                current = {}
                people.append(current)
            current.setdefault(name, value)
    return [fields for fields in people if not fields.keys().isdisjoint(_OF_RECIPIENT)]


def _begins_another(name: str, current: dict[str, str]) -> bool:
    """Tell whether a field is of the next recipient; Action may stand in front of the one that it is of."""
    if name == "original-recipient" and "final-recipient" in current and "action" in current:
        return next(one for one in current if one in _BY_RECIPIENT) != "action"
    return name in _BY_RECIPIENT and name in current


def typed(value: str | None) -> str | None:
    """Take the type from in front of a value: `dns; mx.example.com`, `smtp; 550 ...` (RFC 3464 §2.1.2)."""
    if value is None:
        return None
    kind, semicolon, rest = value.partition(";")
    return (rest if semicolon and len(kind) < 32 and " " not in kind.strip() else value).strip() or None


def address(value: str | None) -> str | None:
    """Return the address of a typed one: `rfc822; <bob@example.org>`."""
    named = typed(value)
    if named is None:
        return None
    inner = re.search(r"<([^<>]{0,1000})>", named)
    plain = (inner[1] if inner else named).strip()
    if value is not None and value.lstrip().lower().startswith("utf-8"):
        plain = _XTEXT.sub(_character, plain)
    return plain or None


_XTEXT = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")


def _character(match: re.Match[str]) -> str:
    r"""Undo RFC 6533 §3: `\x{FC}` is a character."""
    code = int(match[1], 16)
    return chr(code) if code <= sys.maxunicode and not 0xD800 <= code <= 0xDFFF else match[0]
