"""Received, RFC 5321 §4.4: one scanner for every server's form.

Words, comments and separators (scanner.py), the clauses (clauses.py), whose form it is (recognition.py), and with that
the from part (origin.py). What differs from server to server is a row of a table, and never a pattern over the whole
field. Pure; never raises; linear in the field, of which a bounded part is read.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from mailtrace.path.clauses import Clauses, read_clauses
from mailtrace.path.dates import A_DATE, DateProblem
from mailtrace.path.dialects import Dialect
from mailtrace.path.forms import LONGEST, MARK, SENDER, Kept, Parts, take_apart
from mailtrace.path.origin import Order, Origin, comments_of_client, read_origin
from mailtrace.path.recognition import candidates, matcher_of_id, recognise
from mailtrace.path.types import Received
from mailtrace.patterns import lazy
from mailtrace.records import Struct, replace

MAX_LENGTH = 8 * 1024
"""Characters of a field that are read; an honest one has a few hundred."""
MAX_COMMENTS = 64


class Reading(Struct, frozen=True, kw_only=True):
    """One field: what it says, whose form it has, and what could not be read."""

    received: Received
    dialect: Dialect | None
    date_problem: DateProblem | None
    impossible_address: str | None
    lacks_host: bool
    """`by` stands there, and no host behind it."""
    is_cut: bool
    """The field is longer than what is read of it."""

    @property
    def kept(self) -> Kept:
        """What was found out about its form."""
        return self.received.kept


def scan(value: str) -> Received:
    """Read one unfolded field value; what the field does not say is None.

    >>> scan("from a.example ([192.0.2.1] helo=b) by c.example with esmtps; 1 May 2026 10:00:00 +0000").helo
    'b'
    """
    return read(value).received


def read(value: str) -> Reading:
    """Read one unfolded field value, and say whose form it has."""
    text = _in_single_blanks(value[:MAX_LENGTH])
    parts = take_apart(text) if len(value) <= LONGEST else None
    known = None if parts is None else _form(parts.rest, parts.behind).reading(parts.id)
    if parts is None or known is None:
        return _read(value, text)
    return replace(known, received=_put_in(known.received, parts, value))


def _in_single_blanks(text: str) -> str:
    """RFC 5322 §2.2.3: folding, and white space of any length and kind, mean one blank."""
    blanks = text.replace("\t", " ")
    # Printable: no other white space is.
    if "  " in blanks or not blanks.isprintable() or blanks.strip() != blanks:
        return " ".join(blanks.split())
    return blanks


class _Form:
    """A form that was met: the rows of which the id decides, and what a field of each says besides id and time."""

    def __init__(self, rest: str, behind: str) -> None:
        self._has_id = MARK in rest
        self._clauses, self._comments = read_clauses(f"{rest};{behind}", A_DATE)
        row = None if self._has_id else recognise(self._clauses)
        self._rows = candidates(self._clauses) if self._has_id else (row,) if row else ()
        self._ids = [matcher_of_id(row) for row in self._rows] if self._has_id else []
        self._readings: dict[int, Reading | None] = {}

    def reading(self, number: str | None) -> Reading | None:
        """Return what a field with that id says, but for what the marks stand for; None if it is to be read alone."""
        at = 0
        for knows in self._ids:
            if knows is None or (number and knows(number)):
                break
            at += 1
        if at not in self._readings:
            self._readings[at] = self._read(self._rows[at] if at < len(self._rows) else None)
        return self._readings[at]

    def _read(self, row: Dialect | None) -> Reading | None:
        reading = _reading("", self._clauses, self._comments, row)
        # The mark has to be taken for the id, and for no more.
        is_id = (reading.received.id == MARK) == self._has_id
        return reading if is_id and not _is_marked(reading.received) else None


_form = lru_cache(maxsize=2048)(_Form)


def _put_in(known: Received, parts: Parts, value: str) -> Received:
    """Put back what stood where the marks are."""
    comments, mail_from = known.comments, known.mail_from
    if parts.sender is not None:
        comments = tuple(one.replace(SENDER, parts.sender) if SENDER in one else one for one in comments)
        mail_from = mail_from and mail_from.replace(SENDER, parts.sender)
    number = known.id if parts.id is None else parts.id
    return replace(known, id=number, received_at=parts.at, text=value, comments=comments, mail_from=mail_from)


def _is_marked(received: Received) -> bool:
    """Tell whether a mark is where it is not looked for again."""
    words = (
        received.helo,
        received.client_name,
        received.by,
        received.via,
        received.protocol,
        received.recipient,
        received.tls_clause,
        received.with_text,
    )
    text = "\n".join(word for word in words if word)
    elsewhere = "\n".join((received.mail_from or "", *received.comments))
    return MARK in text or MARK in elsewhere or SENDER in text


def _read(value: str, text: str) -> Reading:
    clauses, comments = read_clauses(text)
    return _reading(value, clauses, comments, recognise(clauses))


def _reading(value: str, clauses: Clauses, comments: tuple[str, ...], dialect: Dialect | None) -> Reading:
    order = _order(clauses, dialect)
    origin, reached = read_origin(clauses.origin, order), comments_of_client(clauses.origin, order)
    return Reading(
        received=_received(value, clauses, comments[:MAX_COMMENTS], reached, origin, dialect),
        dialect=dialect,
        date_problem=clauses.date.problem,
        impossible_address=origin.impossible,
        lacks_host=clauses.words.get("by") == [],
        is_cut=len(value) > MAX_LENGTH,
    )


def _received(
    value: str, clauses: Clauses, comments: tuple[str, ...], reached: int, origin: Origin, dialect: Dialect | None
) -> Received:
    own = comments[reached:]
    return Received(
        helo=origin.helo,
        client_name=origin.client_name,
        client_ip=origin.client_ip,
        by=_host(clauses),
        via=clauses.text("via"),
        protocol=protocol(clauses.text("with")),
        id=_id(clauses),
        recipient=_recipient(clauses.first("for")),
        mail_from=_mail_from(clauses, own),
        received_at=clauses.date.at,
        tls_clause=clauses.first("tls"),
        comments=comments,
        with_text=_with_text(clauses) or None,
        authenticated=_authenticated(clauses, own, dialect),
        text=value,
        reached=min(reached, len(comments)),
    )


def _order(clauses: Clauses, dialect: Dialect | None) -> Order:
    if dialect is not None and dialect.order is not None:
        return dialect.order
    if (clauses.text("with") or "").lower() in ("local", "local-bsmtp"):
        return Order.USER
    return Order.HELO_FIRST


def _host(clauses: Clauses) -> str | None:
    """Return the `by` host. `by authid <ann@example.com>` (an Exim set-up) names a user, and no host."""
    # No host has a parenthesis in its name: what is left of a comment that nobody closed is none of it.
    word = (clauses.first("by") or "").partition("(")[0].strip(",").strip("[]").removesuffix(".")
    return None if word in ("", "authid") else word


def _with_text(clauses: Clauses) -> str | None:
    text = clauses.text("with")
    return text.strip("[],").removesuffix(" transient") if text else None


_PROTOCOLS = lazy(
    r"(?:local-)?(?:utf8)?(?:e?smtps?a?|as?mtps?|asmtp|e?ssmtpa?|lmtps?a?)|https?|httpu|httprest|rest|pop3|imap|qmqp|mapi"
    r"|e?smtp[-/]tls\S{0,200}",
    re.IGNORECASE | re.ASCII,
)

_USUAL_PROTOCOLS = frozenset({"smtp", "smtps", "esmtp", "esmtps", "lmtp", "lmtps", "http", "https"})
"""Most that are met; none of them says that the client authenticated (RFC 3848)."""
_USUAL_AUTHENTICATED = frozenset({"esmtpa", "esmtpsa"})
"""Most of those that do."""


def protocol(with_text: str | None) -> str | None:
    """Return the protocol word among the words of the `with` clause; all of them where none is one.

    >>> protocol("DHE-RSA-AES256-SHA encrypted SMTP"), protocol("MailEnable ESMTPA"), protocol("Microsoft SMTP Server")
    ('SMTP', 'ESMTPA', 'Microsoft SMTP Server')
    """
    if with_text is None or with_text.lower().startswith("microsoft "):
        return with_text
    words = with_text.strip("[],").split()[:8]
    return next(filter(_is_protocol, words), None) or " ".join(words) or None


def _is_protocol(word: str) -> bool:
    lowered = word.lower()
    return lowered in _USUAL_PROTOCOLS or lowered in _USUAL_AUTHENTICATED or _PROTOCOLS.fullmatch(word) is not None


def _id(clauses: Clauses) -> str | None:
    word = clauses.first("id")
    return word.strip("<>,") or None if word else None


def _recipient(word: str | None) -> str | None:
    """Return the `for` address: a path, or something with an `@`. `for multiple` and `for +INBOX` name nobody."""
    if word is None or not (word.startswith("<") or "@" in word):
        return None
    return word.strip("<>,;") or None


_USUAL_ENVELOPE = "envelope-from <"
_ENVELOPE = lazy(
    r"(?:envelope-from|envelope-sender|envelope from|mailfrom:)[\s=]{0,4}"
    r"(<[^<>]{0,1000}>|\"[^\"]{0,1000}\"|[^\s,()]{1,1000})",
    re.IGNORECASE,
)


def _envelope(comment: str) -> str | None:
    if comment.startswith(_USUAL_ENVELOPE) and comment.endswith(">") and len(comment) <= 1000:
        path = comment[len(_USUAL_ENVELOPE) - 1 :]
        if path.count("<") == path.count(">") == 1:
            return path
    lowered = comment.lower()
    found = _ENVELOPE.search(comment) if "envelope" in lowered or "mailfrom:" in lowered else None
    return found and found[1]


def _mail_from(clauses: Clauses, comments: Sequence[str]) -> str | None:
    """Return the envelope sender: a clause of its own, or a comment. A word without `@` is a user, and no path."""
    word = clauses.first("envelope-from")
    found = (path for comment in comments if (path := _envelope(comment[:2000])) is not None)
    path = word or next(found, None)
    if path is None:
        return None
    bare = path.strip("<>,")
    # Some servers quote the whole; a local part may be quoted, too (RFC 5321 §4.1.2).
    if bare.startswith('"') and bare.endswith('"'):
        bare = bare.strip('"')
    if not bare:
        return "<>"
    return bare if "@" in bare else None


_SAYS_AUTHENTICATED = lazy(
    r"authenticated (?:sender|bits|user|as)|auth[:=]|smtp-?auth|account |[a-z]+ authenticated user"
    r"|user=\S{0,300} mech=",
    re.IGNORECASE | re.ASCII,
)
_AUTHENTICATED_WORD = lazy(r"(?:local-)?(?:utf8)?(?:e?smtps?a|asmtps?|e?ssmtpa|lmtps?a)", re.IGNORECASE | re.ASCII)


def _says_authenticated(comment: str) -> bool:
    lowered = comment.lower()
    if lowered.startswith("authenticated sender"):
        return True
    may_say = any(word in lowered for word in ("auth", "account ", "user="))
    return may_say and _SAYS_AUTHENTICATED.match(comment) is not None


def _is_authenticated(word: str) -> bool:
    lowered = word.lower()
    if lowered in _USUAL_PROTOCOLS:
        return False
    return lowered in _USUAL_AUTHENTICATED or _AUTHENTICATED_WORD.fullmatch(word) is not None


def _authenticated(clauses: Clauses, comments: Sequence[str], dialect: Dialect | None) -> bool | None:
    """Say whether the client authenticated; None where the software would not tell (RFC 3848)."""
    said = any(
        _says_authenticated(comment[:400]) or comment[-30:].lower().endswith(", authenticated") for comment in comments
    )
    word = protocol(clauses.text("with")) or ""
    if said or _is_authenticated(word) or clauses.first("by") == "authid" or "auth=yes" in clauses.stray:
        return True
    return False if dialect is not None and dialect.tells_auth and word else None
