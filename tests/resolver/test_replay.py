"""`--record`, then `--dns` with what was recorded: the same report but for where its answers came from."""

import pathlib
from datetime import UTC, datetime

import dns.message
import pytest

from mailtrace import analyze, load_dns
from mailtrace.posture._checkdmarc import SeamNameserver, UnansweredError
from mailtrace.render.json import builtins
from mailtrace.resolver.live import live_resolver
from mailtrace.resolver.recording import RecordingResolver
from tests.resolver.servers import Responder

pytestmark = pytest.mark.server

SAMPLES = pathlib.Path(__file__).parents[2] / "samples"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def served(recording):
    """Return a responder that puts a recording on the wire; what it lacks is a SERVFAIL."""
    server = SeamNameserver(recording)

    def respond(query):
        try:
            return server.query(query)
        except UnansweredError:
            response = dns.message.make_response(query, recursion_available=True)
            response.set_rcode(2)
            return response

    return Responder(respond)


def comparable(report):
    document = builtins(report)
    del document["dns"]
    for check in document["authentication"]["dkim"]:
        del check["key_source"]
    return document


@pytest.mark.parametrize("stem", sorted(path.stem for path in SAMPLES.glob("*.eml")))
def test_a_recorded_run_gives_the_same_report(stem, tmp_path):
    raw, path = (SAMPLES / f"{stem}.eml").read_bytes(), tmp_path / "dns.json"
    with served(load_dns(SAMPLES / f"{stem}.dns.json")) as server, live_resolver(server.address) as live:
        recording = RecordingResolver(live, NOW)
        heard = analyze(raw, dns=recording, now=NOW)
        recording.save(path)
    assert server.asked
    replayed = analyze(raw, dns=load_dns(path), now=NOW)
    assert comparable(replayed) == comparable(heard)
    assert (replayed.dns.questions, replayed.dns.unanswered) == (heard.dns.questions, heard.dns.unanswered)
