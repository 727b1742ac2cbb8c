"""What is recorded is what is replayed: the same answers, whatever is in them."""

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime

import dns.flags
import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.MX
import dns.rdtypes.ANY.TXT
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.resolver import Answer, Outcome, Question, RRType, canonical, escape_octets, unescape
from mailtrace.resolver.live import live_resolver
from mailtrace.resolver.presentation import read_response
from mailtrace.resolver.recorded import from_mapping, load_dns
from mailtrace.resolver.recording import RecordingResolver, _replace, document

WHEN = datetime(2026, 5, 1, 10, tzinfo=UTC)

labels = st.text(alphabet="abc-_*09", min_size=1, max_size=8)
names = st.lists(labels, min_size=1, max_size=4).map(".".join)
bad_names = st.text(max_size=12).map(canonical).filter(lambda name: not name.isascii()) | st.just("a..b")
octets = st.binary(max_size=300)
failures = st.sampled_from(["SERVFAIL", "REFUSED", "FORMERR", "TIMEOUT", "UNREACHABLE"])
records = {
    RRType.A: st.ip_addresses(v=4).map(str),
    RRType.AAAA: st.ip_addresses(v=6).map(str),
    RRType.TXT: octets.map(escape_octets),
    RRType.MX: st.builds("{} {}".format, st.integers(0, 65535), names),
    RRType.PTR: names,
    RRType.NS: names,
}


@st.composite
def answers(draw):
    rrtype = draw(st.sampled_from(list(records)))
    found = tuple(sorted(draw(st.lists(records[rrtype], min_size=1, max_size=4))))
    common = {
        "name": draw(names),
        "rrtype": rrtype,
        "cname": tuple(draw(st.lists(names, max_size=3))),
        "ttl": draw(st.none() | st.integers(0, 2**31 - 1)),
        "authenticated": draw(st.none() | st.booleans()),
    }
    match draw(st.sampled_from(["records", "none", "failure", "bad-name"])):
        case "records":
            return Answer(**common, outcome=Outcome.ANSWER, records=found)
        case "none":
            return Answer(**common, outcome=draw(st.sampled_from([Outcome.NODATA, Outcome.NXDOMAIN])))
        case "failure":
            return Answer(**common, outcome=Outcome(draw(failures)), detail=draw(st.text(max_size=20)))
    return Answer(name=draw(bad_names), rrtype=rrtype, outcome=Outcome.BADNAME, detail="bad")


@given(st.lists(answers(), max_size=8))
def test_a_recording_replays_the_same_answers(heard):
    kept = {Question(answer.name, answer.rrtype): answer for answer in heard}
    text = document(kept, recorded_at=WHEN, resolver="192.0.2.53")
    assert text.isascii()
    replayed = from_mapping(json.loads(text))
    assert {question: replayed.resolve(*question) for question in kept} == kept
    assert replayed.recorded_at == WHEN


@given(st.lists(answers(), max_size=8), st.randoms())
def test_the_order_of_asking_does_not_show(heard, random):
    kept = {Question(answer.name, answer.rrtype): answer for answer in heard}
    shuffled = list(kept.items())
    random.shuffle(shuffled)
    assert document(dict(shuffled), recorded_at=WHEN, resolver=None) == document(kept, recorded_at=WHEN, resolver=None)


@given(st.lists(st.lists(st.binary(max_size=255), min_size=1, max_size=4), min_size=1, max_size=4))
def test_octets_survive_from_the_wire_to_the_replay(strings):
    name = dns.name.from_text("example.com.")
    kind = dns.rdatatype.TXT
    response = dns.message.make_response(dns.message.make_query(name, kind), recursion_available=True)
    rrset = dns.rrset.RRset(name, dns.rdataclass.IN, kind)
    for parts in strings:
        rrset.add(dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, kind, parts), 300)
    response.answer.append(rrset)
    question = Question("example.com", RRType.TXT)
    heard = read_response(question, dns.message.from_wire(response.to_wire())).answer
    assert set(heard.texts) == {b"".join(parts) for parts in strings}
    replayed = from_mapping(json.loads(document({question: heard}, recorded_at=WHEN, resolver=None)))
    assert replayed.resolve(*question) == heard


@given(octets)
def test_escaping_loses_nothing(data):
    escaped = escape_octets(data)
    assert unescape(escaped) == data
    assert escaped.isascii()
    assert escaped.isprintable()


def test_the_file_is_made_for_people_and_diff():
    kept = {
        Question("b.example", RRType.A): Answer(name="b.example", rrtype=RRType.A, outcome=Outcome.TIMEOUT),
        Question("a.example", RRType.MX): Answer(
            name="a.example", rrtype=RRType.MX, outcome=Outcome.ANSWER, records=("10 mx.example",), ttl=5
        ),
        Question("a.example", RRType.A): Answer(name="a.example", rrtype=RRType.A, outcome=Outcome.NODATA),
    }
    assert document(
        kept, recorded_at=WHEN, resolver="192.0.2.53", wires={Question("a.example", RRType.A): b"\0\0x"}
    ) == (
        """{
  "mailtrace_dns": 1,
  "recorded_at": "2026-05-01T10:00:00Z",
  "resolver": "192.0.2.53",
  "answers": {
    "a.example": {
      "A": {
        "rcode": "NOERROR",
        "wire": "AAB4"
      },
      "MX": {
        "rcode": "NOERROR",
        "ttl": 5,
        "records": [
          "10 mx.example"
        ]
      }
    },
    "b.example": {
      "A": {
        "rcode": "TIMEOUT"
      }
    }
  }
}
"""
    )


def empty_recording():
    return RecordingResolver(live_resolver("192.0.2.53"), WHEN)


def test_a_file_is_replaced_at_once_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "dns.json"
    path.write_text("the old one")
    path.chmod(0o640)
    empty_recording().save(path)
    assert load_dns(path).recorded_at == WHEN
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.write_text("the old one")

    def no_space(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        empty_recording().save(path)
    assert path.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path):
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("{}")
    link.symlink_to(target)
    empty_recording().save(link)
    assert link.is_symlink()
    assert load_dns(target).recorded_at == WHEN


def test_a_device_is_written_to_and_not_replaced():
    _replace(__import__("pathlib").Path(os.devnull), "{}")
    assert not __import__("pathlib").Path(os.devnull).is_file()


def test_a_folder_that_is_not_there_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        empty_recording().save(tmp_path / "none" / "dns.json")


def loaded(code):
    program = f"import sys\n{code}\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


HTTP_CLIENTS = {"httpx", "httpx2", "httpcore", "httpcore2", "h2", "requests", "urllib3", "anyio"}


@pytest.mark.parametrize(
    ("code", "never"),
    [
        ("import mailtrace.resolver.recorded, mailtrace.resolver.offline", HTTP_CLIENTS | {"dns", "ssl"}),
        ("import mailtrace.resolver.zonefile", HTTP_CLIENTS),
        ("import mailtrace.resolver.recording", HTTP_CLIENTS),
        ("from mailtrace.resolver.live import live_resolver; live_resolver('tls://192.0.2.1')", HTTP_CLIENTS),
        ("import mailtrace.resolver._dnspython, spf, dkim, dns.resolver", HTTP_CLIENTS),
        ("import mailtrace.auth._pyspf", HTTP_CLIENTS | {"dns", "ssl"}),
        ("import mailtrace.auth._dkimpy", HTTP_CLIENTS | {"dns", "ssl"}),
        ("import mailtrace.auth._pyspf, mailtrace.resolver.live", HTTP_CLIENTS),
    ],
)
def test_a_resolver_imports_what_it_needs(code, never):
    assert not loaded(code) & never


def test_dns_over_https_works_after_dnspython_was_imported_without_it():
    code = "import dns.resolver\nfrom mailtrace.resolver.live import live_resolver; live_resolver('https://192.0.2.1')"
    assert loaded(code) & {"httpx", "httpx2"}
