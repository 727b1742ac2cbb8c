"""The samples are what their sources say, to the octet, and their signatures are what the README promises."""

import ipaddress
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib

import pytest

from mailtrace.auth.dkim import check_dkim
from mailtrace.message import parse
from mailtrace.resolver import RRType
from mailtrace.resolver.recorded import load_dns
from mailtrace.results import Authenticity, Basis, Comparison, DKIMResult, TransportAnswer

SAMPLES = pathlib.Path(__file__).parents[2] / "samples"
SOURCES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(SAMPLES.glob("source/*.toml"))}
EXPECTED = json.loads((SAMPLES / "expected.json").read_text("utf-8"))

ASKED_FOR = {
    "genuine", "spoof-reject", "spoof-none", "list-footer", "forwarded", "key-rotated", "weak-tls", "cleartext",
    "exchange-online", "bounce", "two-signatures", "esp", "gmail", "spf-only",
}  # fmt: skip

each = pytest.mark.parametrize("name", sorted(SOURCES))


def message_of(name):
    return parse((SAMPLES / f"{name}.eml").read_bytes())


def test_the_tool_reproduces_every_octet():
    tool = SAMPLES.parent / "tools" / "make_samples.py"
    done = subprocess.run([sys.executable, tool, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_tool_notices_a_difference(tmp_path):
    copied = tmp_path / "samples"
    shutil.copytree(SAMPLES, copied)
    shutil.copytree(SAMPLES.parent / "tools", tmp_path / "tools")
    (copied / "genuine.eml").write_bytes((copied / "genuine.eml").read_bytes().replace(b"81.50", b"18.50"))
    done = subprocess.run(
        [sys.executable, tmp_path / "tools" / "make_samples.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "differs: genuine.eml\n")


def test_no_sample_is_missing_or_left_over():
    assert set(SOURCES) >= ASKED_FOR
    assert {path.stem for path in SAMPLES.glob("*.eml")} == set(SOURCES) == set(EXPECTED)
    assert {path.name.removesuffix(".dns.json") for path in SAMPLES.glob("*.dns.json")} == set(SOURCES)


def test_every_sample_has_a_line_in_the_readme():
    readme = (SAMPLES / "README.md").read_text("utf-8")
    rows = re.findall(
        r"^\| \[([\w-]+)\]\(\1\.eml\) \| (.+?) \| `([\w-]+)`(?: \((\w+)\))? \| `([\w-]+)` \|$", readme, re.MULTILINE
    )
    assert {row[0]: (row[2], row[3] or None, row[4]) for row in rows} == {
        name: (verdict["authenticity"], verdict["basis"], verdict["transport"]) for name, verdict in EXPECTED.items()
    }


def test_the_expected_words_exist():
    for name, verdict in EXPECTED.items():
        assert set(verdict) == {"authenticity", "basis", "transport"}, name
        Authenticity(verdict["authenticity"])
        TransportAnswer(verdict["transport"])
        assert (verdict["basis"] is not None) == (verdict["authenticity"] == "authentic"), name
        assert verdict["basis"] in (None, *Basis), name


def test_every_key_is_used():
    used = {order["key"] for source in SOURCES.values() for order in source.get("sign", {}).values()}
    assert {path.stem for path in SAMPLES.glob("keys/*.pem")} == used


@each
def test_the_file_is_as_its_source_says(name):
    message = message_of(name)
    assert message.line_ending == SOURCES[name]["line_ending"]
    assert message.defects == ()
    assert max(len(line) for line in (SAMPLES / f"{name}.eml").read_bytes().splitlines()) <= 998  # RFC 5322 §2.1.1
    assert message.author_domain is not None
    assert message.date is not None
    assert message.message_id is not None
    assert message.subject is not None
    assert message.to


@each
def test_the_recording_is_closed_and_says_when(name):
    dns = load_dns(SAMPLES / f"{name}.dns.json")
    assert dns.recorded_at == SOURCES[name]["recorded_at"]
    assert dns.resolve("not.there.test", RRType.TXT).outcome == "NXDOMAIN"


def signatures(name):
    """What the source orders, topmost first: the name of each signature."""
    return re.findall(r"^DKIM-Signature: \{(\w+)\}$", SOURCES[name]["header"], re.MULTILINE)


@each
def test_every_signature_verifies_but_for_the_changes_on_purpose(name):
    source = SOURCES[name]
    found = check_dkim(message_of(name), dns=load_dns(SAMPLES / f"{name}.dns.json"), received_at=None).checks
    assert len(found) == len(signatures(name))
    for check, signature in zip(found, signatures(name), strict=True):
        order = source["sign"][signature]
        altered = "appended" in source and order.get("over") != "all" and not order.get("length")
        lost = {"key-rotated": DKIMResult.PERMERROR, "dns-timeout": DKIMResult.TEMPERROR}.get(name)
        assert check.sdid == order["d"]
        assert check.body_hash is (Comparison.MISMATCH if altered else Comparison.MATCH)
        assert check.header_signature is (Comparison.NOT_CHECKED if lost else Comparison.MATCH)
        assert check.result is (lost or (DKIMResult.FAIL if altered else DKIMResult.PASS))


@each
def test_dkimpy_agrees_where_it_can(name):
    """An independent verifier; it has no Ed25519 here, judges `x=` by today's clock, and takes the first signature's
    key from the recording like we do."""
    dkim = pytest.importorskip("dkim")
    dns = load_dns(SAMPLES / f"{name}.dns.json")
    octets = (SAMPLES / f"{name}.eml").read_bytes()
    for at, signature in enumerate(signatures(name)):
        order = SOURCES[name]["sign"][signature]
        if (
            order["key"].endswith("-ed25519")
            or name in ("key-rotated", "dns-timeout")
            or signature_is_broken(name, order)
        ):
            continue
        assert dkim.DKIM(octets).verify(at, dnsfunc=lambda asked, **_: key_of(dns, asked))


def key_of(dns, asked):
    return dns.resolve(asked.decode().rstrip("."), RRType.TXT).texts[0]


def signature_is_broken(name, order):
    return "appended" in SOURCES[name] and order.get("over") != "all" and not order.get("length")


# Host names and networks by which the software of two providers is known; no machine of theirs is meant.
PROVIDERS = [ipaddress.ip_network(net) for net in ("2603:10a6::/32", "2002:a00::/24")]
DOCUMENTATION = [
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]


@each
def test_addresses_are_of_documentation_or_private(name):
    text = (SAMPLES / f"{name}.eml").read_text("utf-8")
    written = re.findall(
        r"(?<=[\[( ])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{4}(?::[0-9a-f]{0,4}){2,7})(?=[\]):; ,\n]|$)", text
    )
    for address in map(ipaddress.ip_address, written):
        allowed = any(address in net for net in [*DOCUMENTATION, *PROVIDERS] if net.version == address.version)
        assert allowed or address.is_private or str(address).startswith("15."), (name, address)


@each
def test_the_last_server_wrote_down_the_envelope(name):
    """Every sample says who sent it in SMTP: on top, or, with Exchange Online, at the foot and in the stamp."""
    assert message_of(name).return_path is not None
