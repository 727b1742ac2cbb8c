"""The peers that are servers, and those that are not there."""

import shutil
import sys
from pathlib import Path

import pytest

from bench import peers
from bench.corpus import build
from bench.peers import loop, rspamd_loop
from bench.side_by_side import differing, run_peers


def test_a_peer_that_is_not_installed_is_skipped_with_a_reason(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    here = peers.Peer(name="here", what="", command=lambda: [sys.executable, "-c", "print('{}')"])
    runs = run_peers(tmp_path, 2, [peers.RSPAMD, here])
    assert (runs.of, runs.missing) == ({"here": [{}, {}]}, {"rspamd": "not installed (Debian: rspamd)"})


@pytest.mark.parametrize(
    ("symbols", "expected"),
    [
        (["R_SPF_ALLOW", "DMARC_POLICY_ALLOW", "ARC_NA"], ("pass", "pass", "none")),
        (["R_SPF_NA", "DMARC_NA", "ARC_INVALID"], ("none", "none", "fail")),
        (["R_SPF_SOFTFAIL", "DMARC_POLICY_SOFTFAIL", "ARC_ALLOW"], ("softfail", "fail", "pass")),
        # what it did not check is no verdict, and least of all the right one
        (["MIME_GOOD"], ("not judged", "not judged", "not judged")),
    ],
)
def test_what_rspamd_says_in_the_words_of_the_manifest(symbols, expected):
    found = rspamd_loop.verdicts({symbol: {} for symbol in symbols})
    assert (found["spf"], found["dmarc"], found["arc"]) == expected
    assert found["dkim"] == []


def test_rspamd_says_of_each_signature_whether_it_holds():
    options = ["a.example:+", "b.example:-", "c.example:?", "d.example:~"]
    found = rspamd_loop.verdicts({"DKIM_TRACE": {"options": options}})["dkim"]
    assert found == [["a.example", True], ["b.example", False], ["c.example", False], ["d.example", False]]


@pytest.mark.server
@pytest.mark.skipif(
    shutil.which("rspamd") is None or sys.platform != "linux", reason="rspamd is not installed, or this is not Linux"
)
def test_rspamd_judges_the_corpus_as_it_was_made_and_ends(tmp_path, monkeypatch):
    monkeypatch.setitem(build.SIZES, "tiny", {"domains": 1, "S": 8, "M": 0, "L": 0})
    place = build.corpus(tmp_path, "tiny")
    with rspamd_loop.running(shutil.which("rspamd"), place / "zone.json") as rspamd:
        chosen = loop.entries(place, 1)
        found = loop.measure(place, chosen, rspamd.judge, {}, rspamd.cpu, rspamd.peak)
    verdicts = zip(chosen, found["verdicts"], strict=True)
    assert [one for entry, verdict in verdicts for one in differing("rspamd", entry, verdict)] == []
    assert found["cpu"] > 0
    assert found["rss"] > 1_000_000
    assert not Path(f"/proc/{rspamd.worker}").exists()
    assert not rspamd.place.exists()
