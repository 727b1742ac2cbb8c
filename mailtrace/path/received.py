"""Received, RFC 5321 §4.4: one scanner for every server's form.

The clauses are found by their keywords at depth 0; the date behind the last `;`, or at the tail where there is none.
What differs from server to server is one row of dialects.py, and never a pattern over the whole field.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mailtrace.path.dates import read_date
from mailtrace.path.origin import Origin, read_origin
from mailtrace.path.scanner import Kind, Token, tokens
from mailtrace.path.types import Received

MAX_LENGTH = 64 * 1024
"""Characters of a field that are read; an honest one has a few hundred."""

MAX_COMMENTS = 32

_KEYWORDS = frozenset({"from", "by", "via", "with", "id", "for", "tls", "envelope-from", "envelope-sender"})
_ENVELOPE = ("envelope-from", "envelope-sender", "envelope from", "mailfrom:")


@dataclass(slots=True)
class _Clauses:
    """What stands behind each keyword: its words, and its comments."""

    words: dict[str, list[str]] = field(default_factory=dict)
    comments: dict[str, list[str]] = field(default_factory=dict)

    def first(self, keyword: str) -> str | None:
        words = self.words.get(keyword)
        return words[0] if words else None


def scan(value: str) -> Received:
    """Read one unfolded field value. Never raises; what the field does not say is None."""
    text = value[:MAX_LENGTH]
    pieces = list(tokens(text))
    last = max((number for number, piece in enumerate(pieces) if piece.kind is Kind.SEMICOLON), default=None)
    date = read_date(text[pieces[last].end :]) if last is not None else None
    if last is None or (date is not None and date.start == date.end):
        date, last = read_date(text, last=True), None
        head = [piece for piece in pieces if piece.end <= date.start] if date.end else pieces
    else:
        head = pieces[:last]
    comments = [piece.text for piece in pieces if piece.kind is Kind.COMMENT][:MAX_COMMENTS]
    clauses = _clauses(head)
    origin = _origin(clauses, comments)
    behind = _behind_date(pieces, last)
    return Received(
        helo=origin.helo,
        client_name=origin.client_name,
        client_ip=origin.client_ip,
        by=_host(clauses.first("by")),
        via=" ".join(clauses.words["via"]) if clauses.words.get("via") else None,
        protocol=_protocol(clauses),
        id=_bare(clauses.first("id") or behind),
        recipient=_recipient(clauses),
        mail_from=_mail_from(clauses, comments, pieces),
        received_at=date.at if date else None,
        tls_clause=clauses.first("tls"),
        comments=tuple(comments),
        with_text=" ".join(clauses.words["with"]) if clauses.words.get("with") else None,
        authenticated=_authenticated(clauses, comments),
        text=value,
    )


def _clauses(pieces: Sequence[Token]) -> _Clauses:
    found = _Clauses()
    current = ""
    for piece in pieces:
        if piece.kind is Kind.COMMENT:
            found.comments.setdefault(current, []).append(piece.text)
            continue
        if piece.kind is Kind.SEMICOLON:
            continue
        word = piece.text.lower()
        if word in _KEYWORDS and _opens(word, current, found):
            current = word
            found.words.setdefault(current, [])
        else:
            found.words.setdefault(current, []).append(piece.text)
    return found


def _opens(word: str, current: str, found: _Clauses) -> bool:
    """Tell whether a keyword opens a clause here: each does once, `from` only at the beginning, and none twice in a row."""
    if word in found.words:
        return False
    if word == "from":
        return not found.words
    return not (current in ("from", "by", "id", "for") and not found.words.get(current) and word not in ("by", "with"))


def _origin(clauses: _Clauses, comments: Sequence[str]) -> Origin:
    if "from" not in clauses.words:
        return Origin()
    return read_origin(
        clauses.words["from"], clauses.comments.get("from", ()), name_first=_writes_name_first(clauses, comments)
    )


def _writes_name_first(clauses: _Clauses, comments: Sequence[str]) -> bool:
    """Exim and its kin write the name that they found first, and lower-case protocol words."""
    protocol = clauses.first("with") or ""
    bare = protocol.lower().removeprefix("local-").removeprefix("utf8")
    plain = bare.removesuffix("a").removesuffix("s") in ("smtp", "esmtp", "asmtp", "essmtp", "ssmtp")
    return (plain and protocol.islower() and bool(clauses.first("id"))) or any(c.startswith("Exim ") for c in comments)


def _protocol(clauses: _Clauses) -> str | None:
    words = clauses.words.get("with", [])
    if not words:
        return None
    if words[0].lower() == "microsoft" and len(words) > 1:
        return " ".join(words[:3])
    # `with DHE-RSA-AES256-SHA encrypted SMTP` (qmail with TLS): the protocol is the last word.
    return words[-1] if len(words) == 3 and words[1].lower() == "encrypted" else words[0]


def _host(word: str | None) -> str | None:
    if word is None:
        return None
    return word.strip(",").removesuffix(".") or None


def _bare(word: str | None) -> str | None:
    return word.strip("<>") or None if word else None


def _recipient(clauses: _Clauses) -> str | None:
    word = clauses.first("for")
    return word.strip("<>;,") or None if word else None


def _behind_date(pieces: Sequence[Token], last: int | None) -> str | None:
    """Courier writes `id X` behind the date."""
    if last is None:
        return None
    tail = [piece.text for piece in pieces[last + 1 :] if piece.kind is Kind.WORD]
    for number, word in enumerate(tail[:-1]):
        if word.lower() == "id":
            return tail[number + 1]
    return None


def _mail_from(clauses: _Clauses, comments: Sequence[str], pieces: Sequence[Token]) -> str | None:
    for keyword in ("envelope-from", "envelope-sender"):
        if word := clauses.first(keyword):
            return _path(word)
    for comment in comments:
        for marker in _ENVELOPE:
            at = comment[:2000].lower().find(marker)
            if at >= 0:
                rest = comment[at + len(marker) : at + len(marker) + 600].strip(" =\t").split()
                if rest:
                    return _path(rest[0].rstrip(","))
    return None


def _path(word: str) -> str:
    return "<>" if word in ("<>", '""') else word.strip('<>"')


_SAYS_AUTHENTICATED = (
    "authenticated sender",
    "authenticated bits",
    "authenticated user",
    "auth: ",
    "account ",
    "smtp-auth",
)


def _authenticated(clauses: _Clauses, comments: Sequence[str]) -> bool | None:
    for comment in comments:
        lowered = comment[:400].lower()
        if (
            lowered.startswith(_SAYS_AUTHENTICATED)
            or ("user=" in lowered and "mech=" in lowered)
            or lowered.endswith("authenticated")
        ):
            return True
    protocol = (clauses.first("with") or "").upper()
    if protocol.endswith(("SMTPA", "SMTPSA", "LMTPA", "LMTPSA")):
        return True
    return False if protocol in ("ESMTP", "ESMTPS", "SMTPS", "UTF8SMTP", "UTF8SMTPS") else None
