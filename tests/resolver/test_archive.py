"""Keys from elsewhere than DNS: the file, the origin of each key, and what is wrong with a file that is none."""

import contextlib
import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace import load_keys
from mailtrace.errors import RecordingError
from mailtrace.resolver import Mode, Outcome, RRType
from mailtrace.resolver.archive import KeyOrigin, read_keys

KEY = "v=DKIM1; k=rsa; p=AAAA"
ENTRY = {"domain": "example.com", "selector": "s1", "record": KEY}
NAME = "s1._domainkey.example.com"


def text(*entries, **members):
    return json.dumps({"mailtrace_keys": 1, "keys": entries, **members})


def test_a_key_and_where_it_is_from(tmp_path):
    file = tmp_path / "keys.json"
    file.write_text(
        text({**ENTRY, "source": "an archive", "first_seen": "2023-01-02", "last_seen": "2024-01-02T03:04:05+01:00"})
    )
    keys = load_keys(file)
    answer = keys.resolve("S1._domainkey.Example.COM.", RRType.TXT)
    assert (answer.outcome, answer.records, keys.mode) == (Outcome.ANSWER, (KEY,), Mode.RECORDED)
    assert keys.origin(NAME, KEY) == KeyOrigin(
        source="an archive",
        first_seen=datetime(2023, 1, 2, tzinfo=UTC),
        last_seen=datetime(2024, 1, 2, 2, 4, 5, tzinfo=UTC),
    )
    assert keys.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


def test_what_it_lacks_is_never_missing(tmp_path):
    file = tmp_path / "zone.json"
    file.write_text(json.dumps({"mailtrace_dns": 1, "default": "NXDOMAIN", "answers": {NAME: {"TXT": [KEY]}}}))
    assert load_keys(file).resolve("s2._domainkey.example.com", RRType.TXT).outcome is Outcome.NOT_RECORDED


def test_seen_stands_for_both_times():
    ((_, origin),) = read_keys(text({**ENTRY, "seen": "2024-05-01T00:00:00Z"})).items()
    assert origin.first_seen == origin.last_seen == datetime(2024, 5, 1, tzinfo=UTC)
    assert origin.source is None


def test_several_keys_of_one_selector(tmp_path):
    file = tmp_path / "keys.json"
    file.write_text(text(ENTRY, {**ENTRY, "record": "p=BBBB"}))
    assert load_keys(file).resolve(NAME, RRType.TXT).records == ("p=BBBB", KEY)


def test_a_name_in_any_script_is_stored_as_a_labels():
    assert [name for name, _ in read_keys(text({**ENTRY, "domain": "b\u00fccher.example"}))] == [
        "s1._domainkey.xn--bcher-kva.example"
    ]


@pytest.mark.parametrize(
    "recording",
    [
        json.dumps(
            {
                "mailtrace_dns": 1,
                "recorded_at": "2024-05-01T00:00:00Z",
                "answers": {NAME: {"TXT": [KEY]}, "example.com": {"TXT": ["v=spf1 -all"]}},
            }
        ),
        json.dumps({NAME: {"TXT": [KEY]}}),
        f'$ORIGIN example.com.\ns1._domainkey 300 IN TXT "{KEY}"\n@ 300 IN TXT "v=spf1 -all"\n',
    ],
    ids=["recording", "flat", "zone"],
)
def test_a_recording_and_a_zone_file_hold_keys_too(recording):
    assert list(read_keys(recording)) == [(NAME, KEY)]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("", "empty"),
        ("{", "not a DNS recording"),
        ("[]", "not an object"),
        (json.dumps({"mailtrace_keys": 2, "keys": []}), "unknown version"),
        (json.dumps({"mailtrace_keys": True, "keys": []}), "unknown version"),
        (json.dumps({"mailtrace_keys": 1}), "without a list"),
        (text("key"), "key 0 is not an object"),
        (text(ENTRY, {"domain": "example.com"}), "key 1 lacks"),
        (text({**ENTRY, "domain": " "}), "key 0: domain"),
        (text({**ENTRY, "record": 1}), "key 0: record"),
        (text({**ENTRY, "seen": "yesterday"}), "key 0: seen"),
        (text({**ENTRY, "seen": "9999-12-31T23:59:59-14:00"}), "key 0: seen"),
        (text({**ENTRY, "selector": "a..b"}), "key 0 is at no name"),
        (text({**ENTRY, "kye": "x"}), "'kye'"),
        ('{"mailtrace_keys": 1, "mailtrace_keys": 1, "keys": []}', "twice"),
    ],
)
def test_what_is_no_file_of_keys_is_refused_and_the_place_named(tmp_path, content, place):
    file = tmp_path / "keys.json"
    file.write_text(content)
    with pytest.raises(RecordingError, match=place):
        load_keys(file)


def test_octets_that_are_no_text(tmp_path):
    file = tmp_path / "keys.json"
    file.write_bytes(b"\xff\xfe{}")
    with pytest.raises(RecordingError, match="not UTF-8"):
        load_keys(file)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ENTRY, "seen", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(JSON)
def test_any_json_is_keys_or_one_error(value):
    with contextlib.suppress(RecordingError):
        assert all(name == name.lower() for name, _ in read_keys(json.dumps({"mailtrace_keys": 1, "keys": value})))
