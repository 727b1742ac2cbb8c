"""The report as JSON, and its schema."""

import json
import pathlib
from datetime import UTC, datetime, timedelta, timezone

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtrace.records import replace
from mailtrace.render.json import builtins, dumps
from mailtrace.render.json_schema import schema
from tests.render import reports

GOLDEN = pathlib.Path(__file__).parent / "golden"
SCHEMA = pathlib.Path(__file__).parents[2] / "docs" / "schema" / "analyze.json"

# What scripts rely on, written down once more: a path of names, `[]` for the members of an array.
CONTRACT = [
    "schema",
    "schema_version",
    "tool.name",
    "tool.version",
    "source.name",
    "source.kind",
    "source.position",
    "source.size",
    "source.sha256",
    "message.from[].name",
    "message.from[].address",
    "message.to[]",
    "message.cc",
    "message.reply_to",
    "message.subject",
    "message.date",
    "message.message_id",
    "message.author_domain",
    "message.return_path",
    "message.line_ending",
    "message.defects",
    "verdict.authenticity",
    "verdict.basis",
    "verdict.assumes",
    "verdict.transport",
    "verdict.transport_claimed",
    "verdict.summary",
    "verdict.reasons[]",
    "verdict.next_steps",
    "path.border",
    "path.border_source",
    "path.total_seconds",
    "path.hops[].index",
    "path.hops[].field",
    "path.hops[].helo",
    "path.hops[].client_name",
    "path.hops[].client_ip",
    "path.hops[].by",
    "path.hops[].via",
    "path.hops[].protocol",
    "path.hops[].id",
    "path.hops[].recipient",
    "path.hops[].mail_from",
    "path.hops[].received_at",
    "path.hops[].delay_seconds",
    "path.hops[].software",
    "path.hops[].standing",
    "path.hops[].transport.security",
    "path.hops[].transport.grade",
    "path.hops[].transport.authenticated_submission",
    "path.hops[].transport.scope",
    "path.hops[].raw",
    "path.hops[].transport.tls.version",
    "path.hops[].transport.tls.cipher",
    "path.hops[].transport.tls.bits",
    "path.hops[].transport.tls.forward_secrecy",
    "path.hops[].transport.tls.peer_verified",
    "path.hops[].transport.tls.basis",
    "session.client_ip",
    "session.client_ip_source",
    "session.helo",
    "session.helo_source",
    "session.mail_from",
    "session.mail_from_source",
    "authentication.spf[].identity",
    "authentication.spf[].domain",
    "authentication.spf[].client_ip",
    "authentication.spf[].result",
    "authentication.spf[].mechanism",
    "authentication.spf[].record",
    "authentication.spf[].lookups",
    "authentication.spf[].void_lookups",
    "authentication.spf[].explanation",
    "authentication.spf[].problem",
    "authentication.dkim[].index",
    "authentication.dkim[].sdid",
    "authentication.dkim[].auid",
    "authentication.dkim[].selector",
    "authentication.dkim[].algorithm",
    "authentication.dkim[].key_bits",
    "authentication.dkim[].key_source",
    "authentication.dkim[].signed_fields[]",
    "authentication.dkim[].canonicalization",
    "authentication.dkim[].body_length",
    "authentication.dkim[].signed_at",
    "authentication.dkim[].expires_at",
    "authentication.dkim[].result",
    "authentication.dkim[].body_hash",
    "authentication.dkim[].header_signature",
    "authentication.dkim[].problem",
    "authentication.dkim[].alteration",
    "authentication.dmarc.result",
    "authentication.dmarc.author_domain",
    "authentication.dmarc.organizational_domain",
    "authentication.dmarc.record_domain",
    "authentication.dmarc.record",
    "authentication.dmarc.policy",
    "authentication.dmarc.published_policy",
    "authentication.dmarc.testing",
    "authentication.dmarc.aligned_spf",
    "authentication.dmarc.aligned_dkim",
    "authentication.dmarc.discovery",
    "authentication.dmarc.rfc7489.result",
    "authentication.dmarc.rfc7489.organizational_domain",
    "authentication.arc.result",
    "authentication.arc.oldest_pass",
    "authentication.arc.sets",
    "authentication.arc.sets[].instance",
    "authentication.arc.sets[].sdid",
    "authentication.arc.sets[].selector",
    "authentication.arc.sets[].cv",
    "authentication.arc.sets[].seal",
    "authentication.arc.sets[].message_signature",
    "authentication.arc.sets[].results",
    "authentication.claims[].authserv_id",
    "authentication.claims[].standing",
    "authentication.claims[].field",
    "authentication.claims[].results[].method",
    "authentication.claims[].results[].result",
    "authentication.claims[].results[].properties",
    "findings[].code",
    "findings[].severity",
    "findings[].confidence",
    "findings[].title",
    "findings[].detail",
    "findings[].reference",
    "findings[].evidence[].source",
    "findings[].evidence[].line",
    "findings[].evidence[].excerpt",
    "dns.mode",
    "dns.recorded_at",
    "dns.questions",
    "dns.unanswered",
    "inputs.now",
    "inputs.trust",
    "inputs.session",
    "inputs.keys_sha256",
    "inputs.profile",
]


def members(value, path):
    """Yield what stands at a path; a name that is missing is a KeyError."""
    name, _, rest = path.partition(".")
    value = value[name.removesuffix("[]")]
    for member in value if name.endswith("[]") else (value,):
        if rest and member is not None:
            yield from members(member, rest)
        else:
            yield member


def is_moment(value):
    return not isinstance(value, str) or (value.endswith("Z") and bool(datetime.fromisoformat(value)))


@pytest.fixture(scope="module")
def validator():
    document = schema()
    jsonschema.Draft202012Validator.check_schema(document)
    checker = jsonschema.FormatChecker()
    checker.checks("date-time", raises=ValueError)(is_moment)
    return jsonschema.Draft202012Validator(document, format_checker=checker)


@pytest.mark.parametrize("name", reports.REPORTS)
def test_golden(golden, name):
    golden(GOLDEN / f"{name}.json", dumps(reports.REPORTS[name](), indent=2) + "\n")


@pytest.mark.parametrize("name", reports.REPORTS)
def test_every_report_is_as_the_schema_says(validator, name):
    validator.validate(json.loads(dumps(reports.REPORTS[name]())))


@pytest.mark.parametrize("name", reports.REPORTS)
def test_what_is_written_in_one_go_is_what_is_put_right_by_hand(name):
    report = reports.REPORTS[name]()
    assert json.loads(dumps(report)) == builtins(report)


def test_an_error_is_as_the_schema_says(validator):
    document = json.loads(dumps(reports.error()))
    validator.validate(document)
    assert document["error"] == {"code": "not-a-message", "message": "not a mail message: a JPEG image"}
    assert document["schema"] == "mailtrace/analyze"


@pytest.mark.parametrize(
    "broken",
    [
        {"verdict": {"authenticity": "probably"}},
        {"schema_version": 2},
        {"dns": {"questions": "nine"}},
        {"inputs": {"now": "yesterday"}},
    ],
)
def test_the_schema_refuses(validator, broken):
    document = json.loads(dumps(reports.authentic()))
    for section, change in broken.items():
        document[section] = {**document[section], **change} if isinstance(change, dict) else change
    assert not validator.is_valid(document)


def test_the_schema_wants_every_field(validator):
    document = json.loads(dumps(reports.authentic()))
    del document["verdict"]["basis"]
    assert not validator.is_valid(document)


def test_the_committed_schema_is_current():
    kept = SCHEMA.read_text(encoding="utf-8")
    assert kept == json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", "run tools/make_docs.py"


@pytest.mark.parametrize("path", CONTRACT)
def test_the_contract_names_are_there(path):
    assert list(members(json.loads(dumps(reports.unproven_and_stamped())), path))


def test_a_report_stands_on_one_line_or_is_indented():
    assert "\n" not in dumps(reports.authentic())
    assert dumps(reports.authentic(), indent=2).startswith('{\n  "schema": "mailtrace/analyze",\n')
    assert json.loads(dumps(reports.authentic())) == json.loads(dumps(reports.authentic(), indent=2))


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        (datetime(2026, 5, 1, 10, 0, 0, tzinfo=UTC), "2026-05-01T10:00:00Z"),
        (datetime(2026, 5, 1, 12, 0, 0, tzinfo=timezone(timedelta(hours=2))), "2026-05-01T10:00:00Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
    ],
)
def test_times_are_rfc3339_in_utc(time, shown):
    assert json.loads(dumps(reports.authentic(message=reports.message(date=time))))["message"]["date"] == shown


def test_absent_is_null():
    document = json.loads(dumps(reports.bare()))
    assert document["message"]["subject"] is None
    assert document["path"]["border"] is None
    assert document["verdict"]["transport_claimed"] is None


def test_a_number_beyond_64_bits():
    report = reports.authentic(authentication=reports.authentication(dkim=(reports.dkim(body_length=10**75),)))
    assert json.loads(dumps(report))["authentication"]["dkim"][0]["body_length"] == 10**75


def test_only_the_message_renames_a_field():
    claims = (reports.stamp(reports.MethodClaim(method="x", result="y", properties={"from_": "z"})),)
    document = builtins(reports.authentic(authentication=reports.authentication(claims=claims)))
    assert document["authentication"]["claims"][0]["results"][0]["properties"] == {"from_": "z"}
    assert "from_" not in document["message"]


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=30))
def test_text_survives_and_steers_nothing(text):
    printed = dumps(replace(reports.authentic(), message=reports.message(subject=text)))
    assert all(char.isprintable() for char in printed)
    shown = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    assert json.loads(printed)["message"]["subject"] == shown
