"""Names that are read as another name: letters of another script that look like Latin ones, and letters like letters.

A name imitates a Latin one only if all of it can be read as Latin: `россия` cannot, and is an honest Cyrillic name.
A word of one script may happen to consist of such letters alone; where its script is at home, under its own top-level
domains and those of countries that write it, it is taken for what it is. The shapes are those of Unicode's confusables
(UTS #39 §4), of which a few dozen are kept here: the small letters of the three scripts that have them, by two grades.
docs/decisions/0014 says why it is these. No list of brands, no DNS.
"""

from collections.abc import Iterable
from functools import lru_cache

from mailtrace.names.domain import u_labels
from mailtrace.names.organisation import organisation_of
from mailtrace.records import Struct

_CYRILLIC = str.maketrans("асԁеԍһіјӏорԛѕԝхуѵ", "acdeghijlopqswxyv")
_GREEK = str.maketrans("οϲϳν", "ocjv")
_ARMENIAN = str.maketrans("օսհոզցյ", "ouhnqgj")
_SAME = {**_CYRILLIC, **_GREEK, **_ARMENIAN}
"""Of the same shape as a Latin letter, in most typefaces."""
_NEAR = {**_SAME, **str.maketrans("вкмнптгьԉɡɑαρικυγχωστηε", "bkmhntrbdgaapikuyxwotne")}
"""Near enough to be passed over between Latin letters."""

_ALIKE = str.maketrans("01", "ol")
"""Digits that look like letters."""

_HOME = {
    "cyrillic": frozenset({"ba", "bg", "by", "kg", "kz", "me", "mk", "mn", "rs", "ru", "su", "tj", "ua", "uz"}),
    "greek": frozenset({"cy", "gr"}),
    "armenian": frozenset({"am"}),
}
"""Country-code domains of which the country writes in that script."""


class Foreign(Struct, frozen=True, kw_only=True):
    """A name with letters that look like Latin ones."""

    reads: str
    """As what it is read, in lower-case ASCII."""
    letters: tuple[str, ...]
    """The letters that are not what they seem, by their Unicode names."""


def read_as_latin(domain: str) -> Foreign | None:
    """Return as what a name in A-labels is read, if some letters are none of ASCII and all look like Latin ones.

    >>> read_as_latin("xn--pple-43d.com")
    Foreign(reads='apple.com', letters=('CYRILLIC SMALL LETTER A',))
    >>> read_as_latin("xn--h1alffa9f.com"), read_as_latin("xn--bcher-kva.example"), read_as_latin("apple.com")
    (None, None, None)
    """
    if "xn--" not in domain:
        return None
    shown = u_labels(domain)
    labels = [_read_label(label, shown.rpartition(".")[2]) for label in shown.split(".")]
    reads = ".".join(label for label in labels if label)
    if None in labels or not reads.isascii() or reads == shown:
        return None
    import unicodedata  # noqa: PLC0415 - few names are not ASCII

    foreign = sorted({char for char in shown if not char.isascii()})
    return Foreign(reads=reads, letters=tuple(unicodedata.name(char, f"U+{ord(char):04X}") for char in foreign))


def _read_label(label: str, top: str) -> str | None:
    """Return a label as it is read; None if it is a word of a script that is at home there."""
    if label.isascii():
        return label
    if any("a" <= char <= "z" for char in label):
        return label.translate(_NEAR)
    return None if not top.isascii() or top in _HOME.get(_script(label), ()) else label.translate(_SAME)


def _script(label: str) -> str:
    """Return the one script of a label's letters; nothing where there are two, which no language mixes."""
    import unicodedata  # noqa: PLC0415 - few names are not ASCII

    scripts = {unicodedata.name(char, "").partition(" ")[0].lower() for char in label if char.isalpha()}
    return scripts.pop() if len(scripts) == 1 else ""


def looks_like(domain: str, others: Iterable[str]) -> str | None:
    """Return the first of other domains that is of another organisation, and whose organisation's name looks the same.

    >>> looks_like("mail.exarnple.com", ["example.net", "example.com"])
    'example.com'
    >>> looks_like("example.com", ["example.com", "www.example.com", "example.org"])
    """
    own = organisation_of(domain)
    if own is None:
        return None
    for other in others:
        theirs = organisation_of(other)
        if theirs is not None and theirs != own and _shape(theirs) == _shape(own):
            return theirs
    return None


@lru_cache(maxsize=1024)
def _shape(domain: str) -> str:
    """Return what all names that look alike have in common."""
    shown = u_labels(domain).translate(_NEAR).translate(_ALIKE)
    return shown.replace("rn", "m").replace("vv", "w")
