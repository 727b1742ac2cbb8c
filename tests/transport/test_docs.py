"""docs/transport.md says of the profiles what the data says."""

import pathlib
import re

import pytest

from mailtrace.transport import PROFILES

PAGE = (pathlib.Path(__file__).parents[2] / "docs/transport.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| `([a-z0-9-]+)` \| (.*) \|$", PAGE.partition("| profile |")[2], re.MULTILINE))


def test_every_profile_has_a_row_and_nothing_else_does():
    assert list(ROWS) == list(PROFILES)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_a_row_is_as_the_profile(profile):
    source, versions, suites = ROWS[profile.name].split(" | ")
    assert source == profile.source
    if profile.allowed_versions is None:
        assert "by the grade" in versions
        assert "by the grade" in suites
        return
    named = ", ".join(sorted(version.removeprefix("TLSv") for version in profile.allowed_versions.allowed))
    assert versions == f"TLS {named} ({profile.allowed_versions.source})"
    assert suites == f"{len(profile.allowed_suites.allowed)} ({profile.allowed_suites.source})"


@pytest.mark.parametrize("profile", [one for one in PROFILES.values() if one.allowed_suites], ids=lambda one: one.name)
def test_the_page_names_every_suite(profile):
    blocks = re.findall(r"^    ([a-z0-9, -]+)\n((?:    TLS_\w+\n)+)", PAGE, re.MULTILINE)
    (block,) = [names for heads, names in blocks if profile.name in heads.split(", ")]
    assert set(block.split()) == profile.allowed_suites.allowed
