"""Header fields in another form: encoded otherwise, folded otherwise, with another case or other quotes.

What such a change leaves alone is what a reader sees; a program that writes a message anew makes several at once.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import islice, product

from mailtrace.auth.autopsy.encoders import word_forms
from mailtrace.auth.autopsy.header_repairs import MAX_VALUE, Fields, Group, edit, untagged, value_of
from mailtrace.auth.autopsy.steps import Edit, Kind
from mailtrace.auth.dkim_body import CRLF
from mailtrace.message.encoded import decode_words
from mailtrace.message.types import HeaderField

_WORDY = ("from", "to", "subject", "cc", "reply-to", "sender")
_ANGLE = re.compile(rb"<[^<>\s]{1,400}>")
_DELIMITER = re.compile(rb"[<>,]")


def words(fields: Fields) -> Group | None:
    """Encode texts otherwise: all alike, then each alone."""
    forms: list[list[Edit]] = []
    for name in _WORDY:
        field = fields.covered(name)
        if field is not None and (b"=?" in field.raw or not field.raw.isascii()):
            values = _wordings(field)[:14]
            forms.append([edit(Kind.WORDS_DECODED, field, value) for value in values])
    alike = [tuple(each) for each in zip(*forms, strict=False)] if forms else []
    alone = [(each,) for of_field in forms for each in of_field] if len(forms) > 1 else []
    options = tuple(dict.fromkeys([*alike, *alone]))[:40]
    return Group(name="encoded words", options=options, hinted=True) if options else None


def _wordings(field: HeaderField) -> tuple[bytes, ...]:
    """Return the value with its text encoded in each way; of an address list only the names are text."""
    value = value_of(field)
    return word_forms(_text(value)) if field.name.lower() == "subject" else _lists(value)


@lru_cache(maxsize=8)
def _lists(value: bytes) -> tuple[bytes, ...]:
    """Return an address list with its names encoded in each way; remembered, as every signature asks the same."""
    names = [each for each in _phrases(value[:2000]) if b"=?" in each[1] or not each[1].isascii()]
    ways = zip(*(word_forms(_text(phrase.strip(b' "'))) for _, phrase, _ in names), strict=False) if names else ()
    return tuple(_with_names(value, names, way) for way in islice(ways, 14))


def _with_names(value: bytes, names: list[tuple[int, bytes, int]], way: tuple[bytes, ...]) -> bytes:
    pieces, at = [], 0
    for (begin, phrase, angle), coded in zip(names, way, strict=True):
        lead = phrase[: len(phrase) - len(phrase.lstrip(b" \t"))]
        pieces += [value[at:begin], lead, coded, b" "]
        at = angle
    return b"".join([*pieces, value[at:]])


def _phrases(value: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Yield what stands before each address in angle brackets: where it begins, it, where the bracket opens.

    In one pass: a name is what stands behind the last delimiter, and no pattern looks for both its ends.
    """
    at = 0
    for angle in _ANGLE.finditer(value):
        begin = max((match.end() for match in _DELIMITER.finditer(value, at, angle.start())), default=at)
        phrase = value[begin : angle.start()].rstrip(b" \t")
        if phrase:
            yield begin, phrase, angle.start()
        at = angle.end()


def _text(value: bytes) -> str:
    return decode_words(value.decode("utf-8", "surrogateescape"))


def tagged_words(fields: Fields) -> Group | None:
    """Take a tag out of a Subject that is encoded, and encode the rest anew."""
    field = fields.covered("subject")
    if field is None or (b"=?" not in field.raw and field.raw.isascii()):
        return None
    texts = list(untagged(_text(value_of(field)).encode("utf-8", "replace")))[:3]
    ways = [list(word_forms(text.decode("utf-8", "replace"))) for text in texts]
    values = [way[rank] for rank in range(14) for way in ways if rank < len(way)]
    options = tuple((edit(Kind.SUBJECT_TAGGED, field, value),) for value in dict.fromkeys(values))
    return Group(name="a tag in an encoded Subject", options=options[:36], hinted=True)


_QUOTED = re.compile(rb'=[ \t]*"([^"\s;()<>@,\\/\[\]?=]{1,80})"')
_UNQUOTED = re.compile(rb'=[ \t]*([^"\s;]{1,80})(?=[ \t]*(?:;|$))')
_CHARSET = re.compile(rb'(charset[ \t]*=[ \t]*"?)([^"\s;]{1,60})', re.IGNORECASE)
_SEMICOLON = re.compile(rb"[ \t]{0,80};[ \t]{0,80}")
_ENCODINGS = (b"8bit", b"7bit", b"quoted-printable", b"base64", b"8BIT", b"7BIT", b"binary")


def content(fields: Fields) -> Group | None:
    """Write the Content fields in other ways: quotes, case, blanks, another transfer encoding."""
    options: list[tuple[Edit, ...]] = []
    field = fields.covered("content-type")
    if field is not None:
        value = value_of(field)
        options += [(edit(Kind.RE_ENCODED, field, way),) for way in _same_types(value)]
        options += [(edit(Kind.FIELD_CHANGED, field, way),) for way in _other_types(value)]
    coding = fields.covered("content-transfer-encoding")
    if coding is not None:
        options += [(edit(_kind(coding, value), coding, value),) for value in _ENCODINGS if value != value_of(coding)]
        options.append((edit(Kind.FIELD_ADDED, coding, None),))
    version = fields.covered("mime-version")
    if version is not None:
        options += [(edit(Kind.FIELD_ADDED, version, None),), (edit(Kind.REFOLDED, version, b"1.0"),)]
    quoted = field is not None and _QUOTED.search(field.raw) is not None
    return Group(name="the form of the Content fields", options=tuple(options), hinted=quoted) if options else None


def _kind(field: HeaderField, value: bytes) -> Kind:
    """Say whether another encoding of an unchanged content leaves it the same text."""
    now = value_of(field).lower()
    return Kind.RE_ENCODED if now == value.lower() or {now, value.lower()} <= _IDENTITIES else Kind.FIELD_CHANGED


_IDENTITIES = {b"7bit", b"8bit", b"binary"}


@lru_cache(maxsize=4)
def _same_types(value: bytes) -> tuple[bytes, ...]:
    """Write a media type in other ways that mean the same (RFC 2045 §5.1): one habit changed, then several at once."""
    kind, semicolon, rest = value.partition(b";")
    parameters = [each.strip() for each in rest.split(b";") if each.strip()]
    turned = [b"; ".join([kind, *way]) for way in (parameters[::-1], parameters[1:] + parameters[:1])]
    several = [case(quotes(blanks(value))) for blanks in _BLANKS for quotes in _QUOTES for case in _CASES]
    single = [way(value) for habit in (_QUOTES, _CASES, _BLANKS) for way in habit]
    ways = (*single, *several, kind.lower() + semicolon + rest, *(turned if len(parameters) > 1 else ()))
    return tuple(way for way in dict.fromkeys(ways) if way and way != value)


def _is(value: bytes) -> bytes:
    return value


_QUOTES = (_is, lambda value: _QUOTED.sub(rb"=\1", value), lambda value: _UNQUOTED.sub(rb'="\1"', value))
_CASES = (
    _is,
    lambda value: _CHARSET.sub(lambda match: match[1] + match[2].lower(), value),
    lambda value: _CHARSET.sub(lambda match: match[1] + match[2].upper(), value),
)
_BLANKS = (_is, lambda value: _SEMICOLON.sub(b";", value), lambda value: _SEMICOLON.sub(b"; ", value))


def _other_types(value: bytes) -> list[bytes]:
    """Leave parameters out, or put one back that a mail store does not keep (RFC 3676 §4)."""
    kind, _, rest = value.partition(b";")
    flowed = []
    if kind.strip().lower() == b"text/plain" and b"format" not in rest.lower():
        flowed = [way + b"; format=flowed" for way in (value, *_same_types(value)[:4])]
    ways = (value.rpartition(b";")[0], kind, *flowed)
    return [way for way in dict.fromkeys(ways) if way and way != value]


Reform = Callable[[bytes], bytes]

# A program that unfolds may take the CRLF out, or put a blank in its place; one that folds does the reverse.
_SIMPLE: tuple[tuple[Kind, Reform], ...] = (
    (Kind.REFOLDED, lambda raw: re.sub(rb" ([ \t])(?=\S)", rb"\r\n\1", _body(raw))),
    (Kind.REFOLDED, lambda raw: re.sub(rb"(?<=\S)\t(?=\S)", rb"\r\n\t", raw)),
    (Kind.REFOLDED, lambda raw: _body(raw).replace(CRLF, b"") + CRLF),
    (Kind.REFOLDED, lambda raw: re.sub(rb"\r\n[ \t]+", b" ", _body(raw)) + CRLF),
    (Kind.REFOLDED, lambda raw: raw.replace(b"\r\n\t", b"\r\n ")),
    (Kind.REFOLDED, lambda raw: re.sub(rb"\r\n ", b"\r\n\t", raw)),
    (Kind.REFOLDED, lambda raw: re.sub(rb"\r\n[ \t]+", b"\r\n        ", raw)),
    (Kind.WHITE_SPACE, lambda raw: re.sub(rb"[ \t]{1,200}\r\n", CRLF, raw)),
    (Kind.WHITE_SPACE, lambda raw: re.sub(rb"\A([^:]{1,80}):[ \t]+", rb"\1:", raw)),
    (Kind.WHITE_SPACE, lambda raw: re.sub(rb"\A([^:]{1,80}):(?=\S)", rb"\1: ", raw)),
    (Kind.WHITE_SPACE, lambda raw: re.sub(rb"\A([^:]{1,80}):[ \t]+", rb"\1: ", raw)),
)

# Of a relaxed header only white space that came up or went away inside a value counts (RFC 6376 §3.4.2).
_RELAXED: tuple[tuple[Kind, Reform], ...] = (
    (Kind.REFOLDED, lambda raw: re.sub(rb";[ \t\r\n]+(?=\S)", b";", _body(raw)) + CRLF),
    (Kind.REFOLDED, lambda raw: re.sub(rb";(?=[^\s])", b"; ", raw)),
    (Kind.REFOLDED, lambda raw: re.sub(rb"(?<=[:,])[ \t\r\n]+(?=\S)", b"", _body(raw)) + CRLF),
    (Kind.REFOLDED, lambda raw: re.sub(rb",(?=\S)", b", ", raw)),
    (Kind.WHITE_SPACE, lambda raw: re.sub(rb"(?<=\S)\r\n[ \t]+(?=\S)", b"", _body(raw)) + CRLF),
)

_USUAL: dict[bytes, bytes] = {
    b"message-id": b"Message-ID",
    b"mime-version": b"MIME-Version",
    b"dkim-signature": b"DKIM-Signature",
    b"list-id": b"List-Id",
    b"content-id": b"Content-ID",
}

_NAMES: tuple[Callable[[bytes], bytes], ...] = (
    lambda name: _USUAL.get(name.lower(), name.title()),
    lambda name: name.title(),
    lambda name: name.lower(),
    lambda name: name.upper(),
    lambda name: name[:1].upper() + name[1:].lower(),
)


def _body(raw: bytes) -> bytes:
    return raw.removesuffix(CRLF)


def reformed(fields: Fields, own: HeaderField, *, simple: bool) -> Group:
    """Fold, space and case fields otherwise: all at once, all but the signature's own, its own alone, each alone."""
    signed = [field for name in fields.signed if (field := fields.covered(name)) is not None]
    options: list[tuple[Edit, ...]] = []
    ways = _SIMPLE if simple else _RELAXED
    sets = ([*signed, own], signed, [own]) if simple else ([own], signed)
    options += [_edits(kind, among, reform) for kind, reform in ways for among in sets]
    if simple:
        if listed := _spellings(own):
            options.append(_edits(Kind.RECASED, signed, _cased(lambda name: listed.get(name.lower(), name))))
        for case in _NAMES:
            options += [_edits(Kind.RECASED, among, _cased(case)) for among in ([*signed, own], signed)]
        options += [_edits(Kind.REFOLDED, signed, partial(_folded, width=width)) for width in (78, 76, 72, 998)]
        options += [option for field in signed for option in _fold_places(field)]
        options += _spelled(fields)
        options += [
            _edits(kind, [field], reform) for field in signed for kind, reform in _SIMPLE if kind is Kind.WHITE_SPACE
        ]
        options += [_edits(Kind.RECASED, [field], _cased(case)) for field in (*signed, own) for case in _NAMES[1:]]
    distinct = tuple(option for option in dict.fromkeys(options) if option)
    return Group(name="folding, blanks and letters of field names", options=distinct[:100], hinted=simple)


def _folded(raw: bytes, *, width: int) -> bytes:
    """Fold a field anew, behind the last word that fits (RFC 5322 §2.2.3)."""
    line, lines = re.sub(rb"\r\n(?=[ \t])", b"", _body(raw)), []
    while len(line) > width and (blank := line.rfind(b" ", 1, width + 1)) > 0:
        lines.append(line[:blank])
        line = line[blank:]
    return CRLF.join([*lines, line]) + CRLF


def _fold_places(field: HeaderField) -> Iterator[tuple[Edit, ...]]:
    """Fold a field at one place: at each blank, from the end."""
    line = re.sub(rb"\r\n(?=[ \t])", b"", _body(field.raw))
    blanks = [match.start() for match in re.finditer(rb"[ \t]", line) if match.start() > len(field.name) + 1]
    for at in blanks[: -_FOLDS - 1 : -1]:
        yield _edits(Kind.REFOLDED, [field], lambda _, at=at: line[:at] + CRLF + line[at:])  # type: ignore[misc]


_FOLDS = 12
"""Places at which one field is folded."""

_SPELLINGS = (
    ("message-id", (b"Message-ID", b"Message-Id")),
    ("mime-version", (b"MIME-Version", b"Mime-Version", b"MIME-version", b"Mime-version")),
    ("content-type", (b"Content-Type", b"Content-type")),
)
"""Names of which several spellings are common."""


_LISTED = re.compile(rb"[;:][ \t\r\n]*h[ \t\r\n]*=([^;]{1,4000})")


def _spellings(own: HeaderField) -> dict[bytes, bytes]:
    """Return the names as `h=` spells them, by the same in lower case: many signers copy them from the message."""
    match = _LISTED.search(own.raw[:MAX_VALUE])
    names = [name.strip() for name in match[1].split(b":")] if match else []
    return {} if all(name == name.lower() for name in names) else {name.lower(): name for name in names}


def _spelled(fields: Fields) -> Iterator[tuple[Edit, ...]]:
    """Spell these names in every way together."""
    present = [(field, ways) for name, ways in _SPELLINGS if (field := fields.covered(name)) is not None]
    for names in product(*(ways for _, ways in present)):
        edits = (
            _edits(Kind.RECASED, [field], _cased(lambda _, name=name: name))  # type: ignore[misc]
            for (field, _), name in zip(present, names, strict=True)
        )
        yield tuple(each for edit in edits for each in edit)


def _cased(case: Callable[[bytes], bytes]) -> Reform:
    return lambda raw: case(raw.partition(b":")[0]) + b":" + raw.partition(b":")[2]


def _edits(kind: Kind, fields: list[HeaderField], reform: Reform) -> tuple[Edit, ...]:
    edits = []
    for field in fields:
        raw = reform(field.raw) if len(field.raw) <= MAX_VALUE else field.raw
        raw = raw if raw.endswith(CRLF) else raw + CRLF
        if raw != field.raw:
            edits.append(Edit(kind=kind, name=field.name, index=field.index, raw=raw))
    return tuple(edits)
