"""The clauses of a Received field, RFC 5321 §4.4, in the order in which servers write them, which is any.

    Stamp = From-domain By-domain Opt-info [CFWS] ";" FWS date-time

Only words at depth 0 are keywords. The client chooses its HELO and may put keywords into it (`EHLO a by b with
ESMTPS`); what the server saw stands in a comment behind that name, so the `by` that follows such a comment is the
real one.
"""

from collections.abc import Sequence

from mailtrace.path.addresses import read_address
from mailtrace.path.dates import DateProblem, DateReading, read_date
from mailtrace.path.scanner import COMMENT, SEMICOLON, WORD, Token, outer, tokens
from mailtrace.records import Mutable, field

KEYWORDS = frozenset({"from", "by", "via", "with", "id", "for", "tls", "envelope-from"})
# `whith` is no slip of one pen: a whole installation wrote it.
_ALIASES = {"whith": "with", "envelope-sender": "envelope-from"}
_KEYWORD_OF = {word: word for word in KEYWORDS} | _ALIASES
_LONGEST_KEYWORD = max(map(len, _KEYWORD_OF))
_SEVERAL_WORDS = frozenset({"via", "with", "again"})

_DATE_WORDS = 12
"""Words in which a date is looked for: directly behind the last semicolon, or at the end."""
_WORD_LIMIT = 100
_LEAD_WORDS = 3


class Clauses(Mutable, kw_only=True):
    """What stands where. A clause that is absent or empty has no words."""

    date: DateReading
    origin: tuple[Token, ...] = ()
    """Words and comments of the from part."""
    words: dict[str, list[str]] = field(default_factory=dict)
    by_comments: list[str] = field(default_factory=list)
    """Comments directly behind the `by` host."""
    comments: list[str] = field(default_factory=list)
    """Every comment behind the from part: the server's own, out of the client's reach."""
    stray: list[str] = field(default_factory=list)
    """Words that belong to no clause."""

    def first(self, keyword: str) -> str | None:
        """Return the first word of a clause."""
        words = self.words.get(keyword)
        return words[0] if words else None

    def text(self, keyword: str) -> str | None:
        """Return all words of a clause."""
        return " ".join(self.words.get(keyword, ())) or None


def read_clauses(text: str, date: DateReading | None = None) -> tuple[Clauses, tuple[str, ...]]:
    """Return the clauses of a field, and all its comments in order. `date`: of a field that it was taken out of."""
    pieces = tokens(text)
    comments = tuple(piece.text for piece in pieces if piece.kind is COMMENT)
    if date is None:
        date, dated = _date(pieces)
        pieces = [piece for number, piece in enumerate(pieces) if number not in dated]
    pieces = _with_from(pieces)
    keywords = [_keyword(piece) for piece in pieces]
    lead = _lead(pieces, keywords)
    stray = [piece.text for piece in pieces[:lead]]
    del pieces[:lead], keywords[:lead]
    end = _origin_end(pieces, keywords)
    clauses = Clauses(date=date, origin=tuple(pieces[1:end]), stray=stray)
    _sort(pieces[end:], keywords[end:], clauses)
    return clauses, comments


_Keywords = Sequence[str | None]
"""Which keyword each piece is, if it is one."""


def _date(pieces: Sequence[Token]) -> tuple[DateReading, frozenset[int]]:
    """Read the date, and say which tokens it takes up: behind the last semicolon, else at the tail."""
    words: list[int] = []
    for number in range(len(pieces) - 1, -1, -1):
        if pieces[number].kind is WORD:
            words.append(number)
        elif pieces[number].kind is SEMICOLON:
            found = _date_among(pieces, words[: -_DATE_WORDS - 1 : -1], last=False)
            if found[0].problem is not DateProblem.ABSENT:
                return found
            break
    words = [number for number, piece in enumerate(pieces) if piece.kind is WORD]
    return _date_among(pieces, words[-_DATE_WORDS:], last=True)


def _date_among(pieces: Sequence[Token], numbers: Sequence[int], *, last: bool) -> tuple[DateReading, frozenset[int]]:
    parts = [pieces[number].text[:_WORD_LIMIT] for number in numbers]
    reading = read_date(" ".join(parts), last=last)
    taken, at = set(), 0
    for number, part in zip(numbers, parts, strict=True):
        if at < reading.end and at + len(part) > reading.start:
            taken.add(number)
        at += len(part) + 1
    return reading, frozenset(taken)


def _with_from(pieces: list[Token]) -> list[Token]:
    """Give IndiMail's `indimail-mta smtpd 42 (HELO a) (192.0.2.1) by ...`, where it found no name, its from."""
    if not pieces or pieces[0].text.lower() != "indimail-mta":
        return pieces
    leading = pieces[: _LEAD_WORDS + 1]
    at = next((n for n, piece in enumerate(leading) if piece.kind is COMMENT or piece.text.startswith("(")), 0)
    if not at:
        return pieces
    is_named = any(piece.text.lower() in ("from", "by") for piece in pieces[:at])
    return pieces if is_named else [*pieces[:at], Token(WORD, "from"), *pieces[at:]]


def _lead(pieces: Sequence[Token], keywords: _Keywords) -> int:
    """Return how many words stand in front of the from part: `Received from ...`, `indimail-mta smtpd 42 from ...`."""
    for number, keyword in enumerate(keywords[: _LEAD_WORDS + 1]):
        if pieces[number].kind is not WORD:
            return 0
        if keyword is not None:
            return number if keyword == "from" else 0
    return 0


def _origin_end(pieces: Sequence[Token], keywords: _Keywords) -> int:
    """Return where the from part ends; 0 if there is none."""
    if not pieces or pieces[0].text.lower() != "from" or pieces[0].kind is not WORD:
        return 0
    end = next((number for number in range(1, len(pieces)) if _ends_origin(pieces, keywords, number)), len(pieces))
    # Another `by` behind it, and the first may be a word of the client's.
    if "by" not in keywords[end + 1 :]:
        return end
    real = _by_behind_address(pieces, keywords)
    return real if real is not None and end < real else end


def _ends_origin(pieces: Sequence[Token], keywords: _Keywords, number: int) -> bool:
    if keywords[number] is not None:
        return True
    # `from 192.0.2.1 (Webmail user ann); by a.example`: a semicolon behind which the clauses go on ends nothing.
    return pieces[number].kind is SEMICOLON and keywords[number + 1 : number + 2] != ["by"]


def _by_behind_address(pieces: Sequence[Token], keywords: _Keywords) -> int | None:
    """Return the last `by` directly behind a comment, with the client's address in a comment before it.

    The last one: a HELO with parentheses may bring an address and a `by` of its own, and comes first.
    """
    seen, found = False, None
    for number, piece in enumerate(pieces):
        if piece.kind is COMMENT:
            seen = seen or _holds_address(piece.text)
        elif piece.text.startswith("(["):
            seen = True
        elif seen and keywords[number] == "by" and _closes(pieces[number - 1]):
            found = number
    return found


def _closes(piece: Token) -> bool:
    """Tell whether a comment ends here, or would but for parentheses of the client's."""
    return piece.kind is COMMENT or piece.text.endswith(")")


def _holds_address(comment: str) -> bool:
    words = outer(comment[:400]).replace("[", " [").split()
    return any(read_address(word.rpartition("@")[2]) for word in words[:8])


def _keyword(piece: Token) -> str | None:
    if piece.kind is not WORD or len(piece.text) > _LONGEST_KEYWORD:
        return None
    return _KEYWORD_OF.get(piece.text.lower())


def _sort(pieces: Sequence[Token], keywords: _Keywords, into: Clauses) -> None:
    """Put the tokens behind the from part where they belong: one pass, one state."""
    clause = ""
    for piece, keyword, following in zip(pieces, keywords, [*pieces[1:], None], strict=False):
        if piece.kind is SEMICOLON:
            clause = ""
        elif piece.kind is COMMENT:
            into.comments.append(piece.text)
            if clause == "by" and into.words["by"]:
                into.by_comments.append(piece.text)
        elif keyword is not None and (opened := _opened(keyword, following, into)):
            if opened == clause == "with":
                into.words[clause].append(piece.text)
            clause = opened
            into.words.setdefault(clause, [])
        else:
            clause = _take(piece.text, clause, following, into)


def _opened(keyword: str, following: Token | None, into: Clauses) -> str | None:
    """Say which clause a keyword opens here; None if it is an ordinary word."""
    if keyword == "from":
        # XMail writes the envelope sender behind a second `from`; `via smail from stdin` is only words.
        return "envelope-from" if following is not None and following.text.startswith("<") else None
    # `over TLS secured channel with ...` is no tls clause: RFC 8314 §4.3 puts that behind `with`.
    # IronMail's `with ESMTP with TLS` is none, either.
    if keyword == "tls":
        said = into.words.get("with")
        return "tls" if said and said[-1].lower() != "with" else None
    # The first clause of a name counts: `with MailboxResubmission by AntispamTT`. `with ESMTP with STARTTLS` is one.
    return "again" if keyword != "with" and into.first(keyword) else keyword


def _take(text: str, clause: str, following: Token | None, into: Clauses) -> str:
    """Take a word into the open clause, and return the clause that is open then."""
    words = into.words.get(clause)
    if words is None or (words and clause not in _SEVERAL_WORDS):
        into.stray.append(text)
        return clause
    # `id 4ABCfor <ann@example.com>`: a blank was lost.
    if clause == "id" and text.endswith("for") and following is not None and following.text.startswith("<"):
        words.append(text.removesuffix("for"))
        into.words.setdefault("for", [])
        return "for"
    words.append(text)
    return clause
