"""RFC 6376 §6.1 as a table: one signed message, what was done to it, and what the check says of it."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mailtrace.auth.dkim import check_dkim, dkim_questions, dkim_signatures
from mailtrace.auth.dkim_verify import MAX_LISTED, MAX_SIGNATURES
from mailtrace.message import parse
from mailtrace.resolver import Question, RRType
from mailtrace.resolver.archive import KeyArchive, KeyOrigin
from mailtrace.resolver.offline import OfflineResolver
from mailtrace.resolver.recorded import from_mapping
from tests.auth.dkim_signing import BODY, FIELDS, NAME, H, message, record, signature, zone

RECEIVED = datetime(2026, 5, 1, 10, 0, 5, tzinfo=UTC)
AT = int(RECEIVED.timestamp())


def outcome(mail, dns=None, **more):
    return check_dkim(mail, **{"dns": dns or zone(), "received_at": RECEIVED, **more})


def only(mail, dns=None, **more):
    (check,) = outcome(mail, dns, **more).checks
    return check


def codes(mail, dns=None, **more):
    return [finding.code for finding in outcome(mail, dns, **more).findings]


def summary(check):
    return (str(check.result), check.problem, str(check.body_hash), str(check.header_signature))


PASS = ("pass", None, "match", "match")
OTHER_BODY = BODY + b"footer\r\n"
OTHER_FIELDS = (*FIELDS[:2], b"Subject: [list] Lunch\r\n", FIELDS[3])


@pytest.mark.parametrize(
    "c", ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed", "simple", "relaxed"]
)
@pytest.mark.parametrize("by", ["rsa", "ed25519"])
def test_rfc6376_3_4_a_signature_verifies_in_every_canonicalization(by, c):
    check = only(message(signature(by=by, c=c)), zone(record(by)))
    assert summary(check) == PASS
    assert check.canonicalization == (c if "/" in c else f"{c}/simple")
    assert check.key_bits == {"rsa": 2048, "ed25519": 256}[by]
    assert check.key_source == "recording"


def hostile_record(modulus, exponent=65537):
    public = RSAPublicNumbers(exponent, modulus).public_key()
    octets = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"p={base64.b64encode(octets).decode()}"


KEYS = {
    # name: (DNS, result, problem, header signature)
    "rfc6376-3.6.1-no-k-is-rsa": (zone(record().replace("k=rsa; ", "")), "pass", None, "match"),
    "rfc6376-3.6.1-no-v": (zone(record(tags="")), "pass", None, "match"),
    "rfc6376-3.6.1-unknown-tags": (zone(record(tags="v=DKIM1; x9=1; g=nobody; n=a note; ")), "pass", None, "match"),
    "rfc6376-3.6.1-key-type-case": (zone(record().replace("k=rsa", "k=RSA")), "pass", None, "match"),
    "rfc6376-3.6.1-service-list": (zone(record(tags="v=DKIM1; s=chat : email; ")), "pass", None, "match"),
    "rfc6376-3.6.1-hash-list": (zone(record(tags="v=DKIM1; h=sha1 : sha256; ")), "pass", None, "match"),
    "rfc8017-rsa-public-key-form": (zone(record(form=PublicFormat.PKCS1)), "pass", None, "match"),
    "padding-left-out": (zone(record().rstrip("=")), "pass", None, "match"),
    "rfc6376-6.1.2-nxdomain": (zone(rcode="NXDOMAIN"), "permerror", "key-missing", "not-checked"),
    "rfc6376-6.1.2-no-data": (zone(rcode="NOERROR"), "permerror", "key-missing", "not-checked"),
    "rfc6376-6.1.2-servfail": (zone(rcode="SERVFAIL"), "temperror", "dns-failure", "not-checked"),
    "rfc6376-6.1.2-timeout": (zone(rcode="TIMEOUT"), "temperror", "dns-failure", "not-checked"),
    "not-recorded": (from_mapping({}), "not-checked", "not-recorded", "not-checked"),
    "offline": (OfflineResolver(), "not-checked", "offline", "not-checked"),
    "rfc8463-4.2-not-32-octets": (zone("k=ed25519; p=AAAA"), "permerror", "key-unusable", "not-checked"),
    "too-many-bits": (zone(hostile_record((1 << 8199) + 1)), "permerror", "key-unusable", "not-checked"),
    "far-too-many-bits": (zone(hostile_record((1 << 32767) + 1)), "permerror", "key-unusable", "not-checked"),
    "huge-exponent": (
        zone(hostile_record((1 << 2047) + 1, (1 << 33) + 1)),
        *("permerror", "key-unusable", "not-checked"),
    ),
    "huge-record": (zone(record(tags=f"n={'x' * 20_000}; ")), "permerror", "key-unusable", "not-checked"),
    "rfc6376-3.6.1-revoked": (zone("v=DKIM1; k=rsa; p="), "permerror", "key-revoked", "not-checked"),
    "rfc6376-3.6.1-revoked-by-blank": (zone("v=DKIM1; p= ;"), "permerror", "key-revoked", "not-checked"),
    "rfc6376-3.6.1-no-p": (zone("v=DKIM1; k=rsa"), "permerror", "key-unusable", "not-checked"),
    "rfc6376-3.6.1-version": (zone(record(tags="v=DKIM2; ")), "permerror", "key-unusable", "not-checked"),
    "rfc6376-3.6.1-spf-there": (zone("v=spf1 -all"), "permerror", "key-unusable", "not-checked"),
    "rfc6376-3.2-not-tags": (zone("hello"), "permerror", "key-unusable", "not-checked"),
    "rfc6376-3.2-tag-twice": (zone(record(tags="n=1; n=2; ")), "permerror", "key-unusable", "not-checked"),
    "rfc6376-3.6.1-key-type": (zone(record().replace("k=rsa", "k=dsa")), "permerror", "key-unusable", "not-checked"),
    "rfc6376-3.6.1-service": (zone(record(tags="s=chat; ")), "permerror", "key-unusable", "not-checked"),
    "rfc6376-3.6.1-hash": (zone(record(tags="h=sha1; ")), "permerror", "key-unusable", "match"),
    "rfc6376-3.6.1-not-base64": (zone("p=%%%"), "permerror", "key-unusable", "not-checked"),
    "rfc6376-3.6.1-not-a-key": (zone("p=AAAA"), "permerror", "key-unusable", "not-checked"),
    "rfc6376-6.1.2-other-type": (zone(record("ed25519")), "permerror", "key-type-mismatch", "not-checked"),
    "type-belied-by-the-key": (zone(record().replace("rsa", "ed25519")), "permerror", "key-unusable", "not-checked"),
    "another-key": (zone(record("rsa-other")), "fail", "signature-mismatch", "mismatch"),
    "rfc6376-3.6.2.2-several": (zone(record("rsa-other"), "v=spf1 -all", record()), "pass", None, "match"),
    "rfc6376-3.6.2.2-several-unfit": (zone("v=spf1 -all", "p="), "permerror", "key-revoked", "not-checked"),
    "rfc6376-3.6.1-testing": (zone(record(tags="v=DKIM1; t=y; ")), "pass", None, "match"),
}


@pytest.mark.parametrize("name", KEYS)
def test_key_problems_are_told_apart_and_the_body_is_compared_all_the_same(name):
    dns, result, problem, header = KEYS[name]
    assert summary(only(message(signature()), dns)) == (result, problem, "match", header)
    altered = only(message(signature(), body=OTHER_BODY), dns)
    assert altered.body_hash == "mismatch"
    assert str(altered.header_signature) == header
    assert altered.result != "pass"


MESSAGES = {
    "rfc6376-6.1.3-body": (message(signature(), body=OTHER_BODY), "fail", "body-altered", "mismatch", "match"),
    "rfc6376-6.1.3-header": (message(signature(), fields=OTHER_FIELDS), "fail", "header-altered", "match", "mismatch"),
    "both": (
        message(signature(), fields=OTHER_FIELDS, body=OTHER_BODY),
        "fail",
        "header-altered",
        "mismatch",
        "mismatch",
    ),
    "rfc6376-5.4.2-a-field-added-that-was-oversigned": (
        message(signature(h=H + ":subject"), fields=(b"Subject: Money\r\n", *FIELDS)),
        *("fail", "header-altered", "match", "mismatch"),
    ),
    "rfc6376-5.4-names-that-do-not-exist": (message(signature(h=H + ":x-none:cc:cc")), *PASS),
    "rfc6376-5.4.2-lowest-first": (
        message(
            signature((b"X: a\r\n", b"X: b\r\n", *FIELDS), h="x:from:x"), fields=(b"X: a\r\n", b"X: b\r\n", *FIELDS)
        ),
        *PASS,
    ),
    "rfc5322-4.5-blank-before-colon": (
        message(signature((*FIELDS[:2], b"Subject \t: x\r\n")), fields=(*FIELDS[:2], b"Subject \t: x\r\n")),
        *PASS,
    ),
    "rfc6376-3.5-tags-folded": (message(signature(h="from :\r\n\tto : subject :date")), *PASS),
    "rfc6376-3.5-q-list": (message(signature(q="foo/bar:dns/txt")), *PASS),
    "rfc6376-3.5-q-unknown": (message(signature(q="http")), "neutral", "signature-unsupported", "match", "not-checked"),
    "rfc6376-3.5-i-quoted-printable": (message(signature(i="jo=65=40home@example.com")), *PASS),
    "rfc6376-3.5-i-subdomain": (message(signature(i="@Sub.Example.com")), *PASS),
    "rfc6376-3.5-c-case": (message(signature(c="Relaxed/Relaxed")), *PASS),
    "rfc6376-3.5-unknown-tag": (message(signature(olt="x")), *PASS),
    "rfc8301-3.1-sha1": (message(signature(a="rsa-sha1")), "policy", "weak-algorithm", "match", "match"),
    "rfc8301-3.1-sha1-altered": (
        message(signature(a="rsa-sha1"), body=OTHER_BODY),
        *("fail", "body-altered", "mismatch", "match"),
    ),
    "rfc6376-3.5-l": (message(signature(length=10), body=OTHER_BODY), *PASS),
    "rfc6376-3.5-l-0": (message(signature(length=0), body=b"anything"), *PASS),
    "rfc6376-3.5-l-beyond": (message(signature(length=999)), "permerror", "body-length", "match", "match"),
    "rfc6376-6.1.1-from-unsigned": (
        message(signature(h="to:subject")),
        *("permerror", "from-unsigned", "match", "not-checked"),
    ),
    "rfc6376-3.5-x-infinite": (message(signature(t=AT, x="9" * 40)), *PASS),
    "rfc6376-3.5-x-after-reception": (message(signature(t=AT - 9, x=AT + 1)), *PASS),
    "rfc6376-3.5-x-before-reception": (message(signature(t=AT - 9, x=AT - 1)), "policy", "expired", "match", "match"),
    "rfc6376-3.5-x-not-after-t": (
        message(signature(t=AT, x=AT)),
        *("permerror", "signature-malformed", "match", "not-checked"),
    ),
    "empty-body-simple": (message(signature(body=b"", c="simple/simple"), body=b""), *PASS),
    "empty-body-relaxed": (message(signature(body=b"", c="relaxed/relaxed"), body=b" \t"), *PASS),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_messages(name):
    mail, *expected = MESSAGES[name]
    assert summary(only(mail)) == tuple(expected)


MALFORMED = {
    "v-missing": {"v": None},
    "v-2": {"v": "2"},
    "d-missing": {"d": ""},
    "d-empty-label": {"d": "example..com"},
    "d-blank": {"d": "exa mple.com"},
    "s-empty": {"s": ""},
    "s-empty-label": {"s": "a..b"},
    "s-long-label": {"s": "a" * 64},
    "l-empty": {"l": ""},
    "l-negative": {"l": "-1"},
    "l-77-digits": {"l": "1" * 77},
    "t-empty": {"t": ""},
    "t-word": {"t": "now"},
    "x-fraction": {"x": "1.5"},
    "i-without-at": {"i": "example.com"},
    "i-elsewhere": {"i": "@example.net"},
    "i-a-longer-name": {"i": "@notexample.com"},
    "i-broken-quoting": {"i": "a=ZZ@example.com"},
    "bh-not-base64": {"bh": "*"},
    "bh-empty": {"bh": ""},
    "h-outside-ascii": {"h": "from:caf\u00e9"},
    "tag-twice": {"z": "1; z=2"},
    "empty-tag": {"z": "1;"},
    "no-equals": {"z": "1; y"},
    "tag-name": {"z": "1; 9a=b"},
}


@pytest.mark.parametrize("name", MALFORMED)
def test_rfc6376_6_1_1_a_malformed_signature_is_a_permerror(name):
    tags = MALFORMED[name]
    mail = message(signature(**tags))
    check = only(mail)
    assert (check.result, check.problem) == ("permerror", "signature-malformed")
    assert check.header_signature == "not-checked"
    assert dkim_questions(dkim_signatures(mail)) == ()
    assert "dkim-signature-malformed" in codes(mail)


@pytest.mark.parametrize("tags", [{"a": "rsa-md5"}, {"a": "RSA-SHA256"}, {"c": "nofws"}, {"c": "simple/"}])
def test_rfc6376_3_5_what_nobody_defined_is_neutral(tags):
    field = signature()
    for tag, value in tags.items():
        field = field.replace(
            f"{tag}={'rsa-sha256' if tag == 'a' else 'relaxed/relaxed'}".encode(), f"{tag}={value}".encode()
        )
    check = only(message(field))
    assert (check.result, check.problem) == ("neutral", "signature-unsupported")


def test_rfc8463_4_2_an_ed25519_key_may_come_as_subject_public_key_info():
    text = record("ed25519", form=PublicFormat.SubjectPublicKeyInfo)
    assert summary(only(message(signature(by="ed25519")), zone(text))) == PASS


def test_rfc8301_3_2_a_short_key_verifies_and_does_not_count():
    check = only(message(signature(by="weak")), zone(record("weak")))
    assert summary(check) == ("policy", "weak-key", "match", "match")
    assert check.key_bits == 768


@pytest.mark.parametrize(("agent", "result"), [("@example.com", "pass"), ("@sub.example.com", "permerror")])
def test_rfc6376_3_6_1_strict_keys_allow_no_subdomain(agent, result):
    check = only(message(signature(i=agent)), zone(record(tags="v=DKIM1; t=y:s; ")))
    assert check.result == result
    assert check.header_signature == "match"
    assert check.testing


def test_rfc8616_5_an_internationalized_domain_is_looked_up_in_a_labels():
    field = signature(d="b\u00fccher.example", s="s1")
    mail = message(field)
    assert dkim_questions(dkim_signatures(mail)) == (Question("s1._domainkey.xn--bcher-kva.example", RRType.TXT),)
    assert only(mail, zone(name="s1._domainkey.xn--bcher-kva.example")).sdid == "xn--bcher-kva.example"


def test_time_is_not_judged_without_a_reception_and_that_is_said():
    mail = message(signature(x=1))
    assert only(mail, received_at=None).result == "pass"
    assert "until 1970-01-01 00:00:01 UTC" in finding("dkim-expiry-not-checked", mail, received_at=None).detail
    broken = message(signature(x=1), fields=OTHER_FIELDS)
    assert "dkim-expiry-not-checked" not in codes(broken, received_at=None)


def test_every_signature_is_checked_topmost_first():
    mail = message(signature(d="example.net"), signature(), signature(by="ed25519", s="s2"))
    dns = from_mapping({NAME: {"TXT": [record()]}, "s2._domainkey.example.com": {"TXT": [record("ed25519")]}})
    checks = outcome(mail, dns).checks
    assert [(check.index, check.sdid, str(check.result)) for check in checks] == [
        (0, "example.net", "not-checked"),
        (1, "example.com", "pass"),
        (2, "example.com", "pass"),
    ]
    assert dkim_questions(dkim_signatures(mail))[1:] == tuple(
        Question(name, RRType.TXT) for name in (NAME, "s2._domainkey.example.com")
    )


def test_signatures_beyond_the_limit_are_said_to_be_unchecked():
    mail = message(*[signature()] * (MAX_SIGNATURES + 5))
    found = outcome(mail)
    assert [str(check.result) for check in found.checks] == ["pass"] * MAX_SIGNATURES + ["not-checked"] * 5
    assert {check.problem for check in found.checks[MAX_SIGNATURES:]} == {"limit"}
    assert [finding.code for finding in found.findings][-1] == "dkim-limit"


def test_nobody_hides_the_author_s_signature_behind_a_pile_of_others():
    junk = [signature(d="evil.example") for _ in range(MAX_SIGNATURES + 3)]
    found = outcome(message(*junk, signature()))
    assert str(found.checks[-1].result) == "pass"
    assert [check.problem for check in found.checks].count("limit") == 4
    (limit,) = [finding for finding in found.findings if finding.code == "dkim-limit"]
    assert "the author domain's own first" in limit.detail


def test_an_unsigned_message_has_no_checks_and_no_findings():
    found = outcome(message())
    assert (found.checks, found.findings) == ((), ())


def test_a_key_from_an_archive_is_used_where_dns_has_another_and_is_named():
    archive = zone()
    rotated = only(message(signature()), zone(record("rsa-other")), keys=archive)
    assert (summary(rotated), rotated.key_source) == (PASS, "archive")
    gone = only(message(signature()), zone(rcode="NXDOMAIN"), keys=archive)
    assert (summary(gone), gone.key_source) == (PASS, "archive")
    unfit = only(message(signature()), zone(rcode="SERVFAIL"), keys=zone(record("rsa-other")))
    assert (unfit.result, unfit.key_source) == ("temperror", None)


def archived(name="rsa", **origin):
    return KeyArchive(
        {(NAME, record(name)): KeyOrigin(**{"source": None, "first_seen": None, "last_seen": None, **origin})}
    )


@pytest.mark.parametrize(
    ("dns", "instead"),
    [
        ({"rcode": "NXDOMAIN"}, "no key record at"),
        ({"rcode": "SERVFAIL"}, "DNS failed for the key"),
        ({"rcode": "OTHER"}, "does not hold the key"),
    ],
    ids=["gone", "dns-failure", "not-recorded"],
)
def test_a_key_from_an_archive_says_what_dns_says_instead(dns, instead):
    answers = from_mapping({}) if dns["rcode"] == "OTHER" else zone(**dns)
    found = finding("dkim-key-archived", message(signature()), answers, keys=archived())
    assert instead in found.detail


def test_a_replaced_and_a_revoked_key_and_the_archived_one_that_fits():
    replaced = finding("dkim-key-archived", message(signature()), zone(record("rsa-other")), keys=archived())
    assert "not made by this key" in replaced.detail
    revoked = finding("dkim-key-archived", message(signature()), zone("v=DKIM1; p="), keys=archived())
    assert "revoked" in revoked.detail


def test_a_key_of_dns_that_fits_leaves_the_archive_alone():
    assert "dkim-key-archived" not in codes(message(signature()), keys=archived())
    check = only(message(signature()), keys=archived())
    assert (check.key_source, check.key_origin, check.key_record) == ("recording", None, record())


def test_an_archived_key_that_does_not_fit_changes_nothing():
    check = only(message(signature()), zone(rcode="NXDOMAIN"), keys=archived("rsa-other"))
    assert (check.problem, check.key_source, check.key_origin) == ("key-missing", None, None)


def test_where_and_when_an_archived_key_was_seen():
    gone, day = zone(rcode="NXDOMAIN"), RECEIVED.replace(hour=0, minute=0, second=0)
    late = archived(source="an archive", first_seen=day + timedelta(days=9), last_seen=day + timedelta(days=9))
    found = finding("dkim-key-archived", message(signature()), gone, keys=late)
    assert "(an archive, seen on 2026-05-10); it was not seen there at the time of reception" in found.detail
    then = archived(first_seen=day, last_seen=day + timedelta(days=9))
    found = finding("dkim-key-archived", message(signature()), gone, keys=then)
    assert "(no source named, seen from 2026-05-01 until 2026-05-10)" in found.detail
    assert "not seen there" not in found.detail


# --- line ends -------------------------------------------------------------------------------------------------------


def octets_of(*signatures, fields=FIELDS, body=BODY):
    return b"".join((*signatures, *fields)) + b"\r\n" + body


@pytest.mark.parametrize("c", ["simple/simple", "relaxed/relaxed"])
def test_a_file_with_lf_is_checked_as_it_was_on_the_wire(c):
    mail = parse(octets_of(signature(c=c)).replace(b"\r\n", b"\n"))
    assert summary(only(mail)) == PASS
    assert "dkim-line-endings" not in codes(mail)


@pytest.mark.parametrize("c", ["simple/simple", "relaxed/relaxed"])
def test_a_lone_lf_may_be_an_octet_of_its_line(c):
    body = b"one\ntwo \n\r\n"
    found = outcome(parse(octets_of(signature(body=body, c=c), body=body)))
    assert found.checks[0].result == "pass"
    (finding,) = found.findings
    assert finding.code == "dkim-line-endings"
    assert "as octets" in finding.detail


@pytest.mark.parametrize("c", ["simple/simple", "relaxed/relaxed"])
def test_a_lone_lf_may_be_a_line_end_that_an_editor_wrote(c):
    raw = (
        octets_of(signature(c=c))
        .replace(b"noon. \r\n", b"noon. \n")
        .replace(b"To: bob@example.net\r\n", b"To: bob@example.net\n")
    )
    found = outcome(parse(raw))
    assert found.checks[0].result == "pass"
    assert [finding.code for finding in found.findings] == ["dkim-line-endings"]
    assert "read as CRLF" in found.findings[0].detail


# --- findings --------------------------------------------------------------------------------------------------------


def finding(code, mail, dns=None, **more):
    (found,) = [each for each in outcome(mail, dns, **more).findings if each.code == code]
    assert found.evidence
    return found


def test_a_plain_pass_is_no_finding():
    assert codes(message(signature())) == []


def test_a_failure_beside_a_pass_is_only_noticed():
    alone = finding("dkim-header-altered", message(signature(), fields=OTHER_FIELDS))
    assert alone.severity == "warning"
    mail = message(signature(OTHER_FIELDS, h="from:to:subject:date"), signature(), fields=OTHER_FIELDS)
    assert finding("dkim-header-altered", mail).severity == "notice"


def test_unsigned_octets_behind_l_are_a_warning():
    found = finding("dkim-body-length", message(signature(length=10), body=OTHER_BODY))
    assert found.severity == "warning"
    check = only(message(signature(length=10), body=OTHER_BODY))
    assert f"{check.unsigned_octets} more" in found.detail
    assert codes(message(signature(length=0, body=b""), body=b"")) == []


def test_unsigned_octets_that_another_signature_covers_are_only_mentioned():
    mail = message(signature(length=10), signature())
    assert finding("dkim-body-length", mail).severity == "info"


@pytest.mark.parametrize("name", ["From", "Subject", "Date", "To"])
def test_rfc6376_8_15_a_second_copy_above_the_signed_one(name):
    added = f"{name}: boss@evil.test\r\n".encode()
    mail = message(signature(), fields=(added, *FIELDS))
    assert only(mail).result == "pass"
    found = finding("dkim-unsigned-copy", mail)
    assert found.severity == "warning"
    assert found.evidence[0].source == f"header:{name}[0]"
    assert "evil.test" in found.evidence[0].excerpt


@pytest.mark.parametrize("name", ["Reply-To", "Content-Type"])
def test_fields_that_are_not_signed_at_all_are_mentioned(name):
    found = finding("dkim-fields-unsigned", message(signature(), fields=(f"{name}: x\r\n".encode(), *FIELDS)))
    assert (found.severity, name in found.detail) == ("info", True)


FINDINGS = {
    "dkim-key-missing": (message(signature()), zone(rcode="NXDOMAIN")),
    "dkim-key-revoked": (message(signature()), zone("p=")),
    "dkim-key-unusable": (message(signature()), zone("p=AAAA")),
    "dkim-key-type-mismatch": (message(signature()), zone(record("ed25519"))),
    "dkim-key-strict": (message(signature(i="@a.example.com")), zone(record(tags="t=s; "))),
    "dkim-key-unavailable": (message(signature()), zone(rcode="TIMEOUT")),
    "dkim-several-keys": (message(signature()), zone(record(), record("rsa-other"))),
    "dkim-testing": (message(signature()), zone(record(tags="t=y; "))),
    "dkim-key-short": (message(signature(by="short")), zone(record("short"))),
    "dkim-weak-key": (message(signature(by="weak")), zone(record("weak"))),
    "dkim-weak-algorithm": (message(signature(a="rsa-sha1")), None),
    "dkim-signature-mismatch": (message(signature()), zone(record("rsa-other"))),
    "dkim-signature-unsupported": (message(signature(q="http")), None),
    "dkim-from-unsigned": (message(signature(h="to")), None),
    "dkim-expired": (message(signature(x=AT - 1)), None),
    "dkim-signed-in-future": (message(signature(t=AT + 3600)), None),
    "dkim-body-too-short": (message(signature(length=999)), None),
    "dkim-body-altered": (message(signature(), body=OTHER_BODY), zone(rcode="NXDOMAIN")),
}


@pytest.mark.parametrize("code", FINDINGS)
def test_findings_have_evidence(code):
    found = finding(code, *FINDINGS[code])
    assert found.evidence[0].source == "header:DKIM-Signature[0]"
    assert found.evidence[0].line == 1


def test_ed25519_does_not_tell_whose_signature_it_is():
    found = finding("dkim-header-altered", message(signature(by="ed25519")), zone(record("ed25519-other")))
    assert "another key" in found.detail


def test_a_thousand_broken_signatures_give_a_bounded_number_of_findings():
    mail = message(*[b"DKIM-Signature: v=1\r\n"] * 1000)
    found = outcome(mail)
    assert len(found.checks) == MAX_LISTED
    assert len(found.findings) <= 40
    assert found.findings[-1].code == "dkim-limit"
    assert found.findings[-1].detail.startswith("1000 signatures")
