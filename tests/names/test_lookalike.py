"""Names that are read as another name, UTS #39 §4; and honest names in other scripts, which are not."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.names import lookalike
from mailtrace.names.domain import a_labels, u_labels
from mailtrace.names.lookalike import looks_like, read_as_latin

READ = {
    "аpple.com": "apple.com",  # a Cyrillic letter between Latin ones
    "gооgle.com": "google.com",
    "раураӏ.com": "paypal.com",  # wholly Cyrillic, below a Latin top-level domain
    "paypаl-secure.com": "paypal-secure.com",
    "www.аpple.co.uk": "www.apple.co.uk",
    "οoo.com": "ooo.com",  # Greek
    "սfо.com": "ufo.com",  # Armenian and Cyrillic
    "ɡoogle.com": "google.com",  # Latin, and no g
    "bаnк24.com": "bank24.com",
    "роса.com": "poca.com",  # a word, and still it reads so
    "\u03bf\u0441\u043e.gr": "oco.gr",  # Greek first, and then Cyrillic: no word of either
}
HONEST = [
    "bücher.de",
    "straße.de",
    "ışık.com",
    "kız.com",  # the Turkish dotless i is a Latin letter of its own
    "россия.com",
    "пример.com",
    "москва.com",
    "роса.рф",  # at home below a Cyrillic top-level domain,
    "роса.ua",  # and where Cyrillic is written
    "ου.gr",
    "ελλάδα.com",
    "日本.jp",
    "例え.テスト",
    "도메인.com",
    "مثال.com",
    "fooжbar.com",  # mixed, and reads as nothing
    "example.com",
    "xn--a.com",  # no A-label at all
]


@pytest.mark.parametrize(("name", "reads"), READ.items())
def test_names_that_are_read_as_latin(name, reads):
    found = read_as_latin(a_labels(name))
    assert found is not None
    assert found.reads == reads
    assert found.letters == tuple(unicodedata.name(char) for char in sorted(set(name)) if not char.isascii())


@pytest.mark.parametrize("name", HONEST)
def test_honest_names_are_not(name):
    assert read_as_latin(a_labels(name) or name) is None


@pytest.mark.parametrize(
    ("name", "other", "reads"),
    [
        ("exarnple.com", "example.com", "example.com"),
        ("mail.exarnple.com", "mx1.example.com", "example.com"),
        ("examp1e.com", "example.com", "example.com"),
        ("vvest.example", "west.example", "west.example"),
        ("c0rn.example", "com.example", "com.example"),
        ("xn--exmple-4nf.com", "example.com", "example.com"),
        ("bank.example", a_labels("bаnk.example"), a_labels("bаnk.example")),
        ("example.com", "example.com", None),
        ("a.example.com", "b.example.com", None),
        ("example.com", "example.net", None),
        ("example.com", "exampla.com", None),
        ("xn--bcher-kva.example", "bucher.example", None),
        ("com", "c0m", None),
    ],
)
def test_names_beside_others(name, other, reads):
    assert looks_like(name, ["", "[192.0.2.1]", "unrelated.example", other]) == reads


ASCII = st.text(string.ascii_lowercase + string.digits + "-.", max_size=40)


@given(ASCII)
def test_what_is_ascii_is_never_foreign(name):
    assert read_as_latin(name) is None or "xn--" in name


@given(st.text("аbеcоp-1жя.", min_size=1, max_size=20))
def test_what_is_read_is_ascii_and_another_name(name):
    domain = a_labels(name)
    found = read_as_latin(domain) if domain else None
    if found is not None:
        assert found.reads.isascii()
        assert found.reads != domain
        assert a_labels(found.reads) == found.reads
        assert found.letters
        assert len(u_labels(domain)) == len(found.reads)


def test_the_letters_are_small_ones_of_the_scripts_named_and_stand_for_small_latin_ones():
    for char, latin in lookalike._NEAR.items():
        name = unicodedata.name(chr(char))
        assert name.partition(" ")[0] in ("CYRILLIC", "GREEK", "ARMENIAN", "LATIN"), name
        assert chr(char) == chr(char).lower()
        assert chr(latin) in string.ascii_lowercase
