"""`mailtrace find` and a DNS server on loopback: the key of a signed bounce, kept and replayed, refused and not asked for."""

import json

import pytest

from tests.auth.dkim_signing import record
from tests.delivery.test_signed import bounce
from tests.resolver.servers import Responder, reply

pytestmark = pytest.mark.server

ASK = ("find", "--message-id", "abc@sender.example", "--json", "bounce.eml")
KEY = "s1._domainkey.reporter.example"


@pytest.fixture(name="signed", autouse=True)
def make_bounce(folder):
    (folder / "bounce.eml").write_bytes(bounce(by="ed25519"))
    return folder


def with_key(query):
    return reply(query, f'TXT "{record("ed25519")}"')


def test_a_key_is_asked_for_kept_and_replayed(run, signed):
    with Responder(with_key) as server:
        live = run(*ASK, "--resolver", server.address, "--record", "kept.json")
        assert server.asked == [KEY]
    assert (live.exit_code, live.stderr) == (10, "")
    assert json.loads((signed / "kept.json").read_text())["answers"].keys() == {KEY}
    again = run(*ASK, "--dns", "kept.json")
    assert json.loads(again.stdout)["reports"][0]["key_source"] == "recording"
    [one], [then] = json.loads(live.stdout)["recipients"], json.loads(again.stdout)["recipients"]
    assert (one, one["evidence_class"]) == (then, "C")


def test_a_recording_of_nothing_is_a_recording(run, signed):
    with Responder(with_key) as server:
        run(*ASK[:2], "other@sender.example", "bounce.eml", "--resolver", server.address, "--record", "kept.json")
        assert server.asked == []
    assert json.loads((signed / "kept.json").read_text())["answers"] == {}


def test_a_named_server_that_refuses(run):
    with Responder(lambda query: reply(query, rcode=5)) as server:
        done = run(*ASK, "--resolver", server.address)
    assert done.exit_code == 69
    assert json.loads(done.stdout)["reports"][0]["signature"] == "not-checked"
    assert "--resolver" in done.stderr


def test_a_server_that_fails_has_not_said_no(run):
    with Responder(lambda query: reply(query, rcode=2)) as server:
        done = run(*ASK, "--resolver", server.address)
    [found] = json.loads(done.stdout)["reports"]
    assert (found["signature"], "DNS did not give the key" in found["note"]) == ("not-checked", True)
