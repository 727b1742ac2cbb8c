"""The registrable domain, by the public suffix list."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from publicsuffixlist import PSLFILE, PublicSuffixList

from mailtrace.names import organisation
from mailtrace.names.domain import a_labels
from mailtrace.names.organisation import is_public_suffix, organisation_of

CASES = {
    "mx1.example.com": "example.com",
    "example.com": "example.com",
    "Example.COM.": "example.com",
    "mx.example.co.uk": "example.co.uk",
    "co.uk": None,
    "com": None,
    "a.b.unlisted-tld": "b.unlisted-tld",  # the default rule
    "unlisted-tld": None,
    "alice.github.io": "alice.github.io",  # the private section counts
    "_spf.mail.example.net": "example.net",
    "[192.0.2.1]": None,
    "192.0.2.1": None,
    "": None,
    "mail.bücher.de": "xn--bcher-kva.de",
}


@pytest.mark.parametrize(("host", "expected"), CASES.items())
def test_organisation(host, expected):
    assert organisation_of(host) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("com", True),
        ("co.uk", True),
        ("github.io", True),
        ("example.com", False),
        ("unlisted-tld", True),
        ("", False),
    ],
)
def test_public_suffix(host, expected):
    assert is_public_suffix(host) is expected


def test_the_list_is_not_read_at_import():
    code = (
        "import mailtrace.names.organisation as o; assert o._rules.cache_info().currsize == 0;"
        "o.organisation_of('a.example.com'); assert o._rules.cache_info().currsize == 1"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_list_is_the_one_of_the_library():
    assert organisation._list_file() == PSLFILE


def test_a_part_of_the_list_says_what_the_whole_says():
    """Every rule of the list, and names below it: the library with its whole list is the reference."""
    whole = PublicSuffixList()
    rules = [line.strip("!*.") for line in Path(PSLFILE).read_text("utf-8").splitlines() if line[:2] not in ("", "//")]
    assert len(rules) > 9000
    for rule in rules:
        for name in (rule, f"a.{rule}", f"b.a.{rule}", f"c.b.a.{rule}"):
            written = a_labels(name)
            assert written is not None
            assert organisation_of(written) == whole.privatesuffix(written), name
            assert is_public_suffix(written) is whole.is_public(written), name


@pytest.mark.suite
def test_the_list_s_own_vectors(suites):
    """All of checkPublicSuffix, both sections of the list; compared in A-labels, which is what we answer in."""
    text = (suites / "psl" / "test_psl.txt").read_text("utf-8")
    vectors = re.findall(r"^checkPublicSuffix\((null|'[^']*'), (null|'[^']*')\);", text, re.MULTILINE)
    assert len(vectors) > 70
    for asked, expected in vectors:
        wanted = None if expected == "null" else a_labels(expected.strip("'"))
        assert organisation_of("" if asked == "null" else asked.strip("'")) == wanted, asked


@pytest.mark.suite
def test_the_list_s_newer_vectors(suites):
    lines = (suites / "psl" / "tests.txt").read_text("utf-8").splitlines()
    vectors = [line.split() for line in lines if line.strip() and not line.startswith("//")]
    assert len(vectors) > 70
    for asked, expected in vectors:
        wanted = None if expected == "null" else a_labels(expected)
        assert organisation_of("" if asked == "null" else asked) == wanted, asked
