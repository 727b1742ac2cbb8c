"""RFC 8617 §5.2, step by step, on chains sealed for the test."""

import re
from datetime import UTC, datetime

import pytest

from mailtrace.auth.arc import arc_questions, check_arc, collect
from mailtrace.auth.dkim import check_dkim, dkim_questions, dkim_signatures
from mailtrace.auth.dkim_body import BodyHashes
from mailtrace.message import parse
from mailtrace.resolver import Question, RRType
from mailtrace.resolver.recorded import from_mapping
from tests.auth.arc_sealing import chain, sealed
from tests.auth.dkim_signing import BODY, FIELDS, NAME, message, record, signature, zone
from tests.auth.hand_built_path import path_of

S2 = "s2._domainkey.example.com"


def outcome(mail, dns=None):
    return check_arc(mail, dns=dns or zone(), received_at=None)


def status(mail, dns=None):
    check = outcome(mail, dns).check
    return str(check.result), check.problem


def each(mail, dns=None):
    return [(one.instance, str(one.seal), str(one.message_signature)) for one in outcome(mail, dns).check.sets]


def codes(mail, dns=None):
    """Return the findings; but not that a sealer says the author passed, which all chains here say."""
    found = [finding for finding in outcome(mail, dns).findings if finding.code != "arc-sealer-claims-pass"]
    assert all(re.fullmatch(r"header:ARC-[A-Za-z-]+\[\d+]", finding.evidence[0].source) for finding in found)
    return [finding.code for finding in found]


def test_rfc8617_5_2_step_1_no_sets():
    check = outcome(message(signature())).check
    assert (check.result, check.sets, check.oldest_pass, check.problem) == ("none", (), None, None)


@pytest.mark.parametrize("count", [1, 2, 5, 50])
def test_rfc8617_5_2_step_7_a_chain_that_passes(count):
    mail = chain(count)
    check = outcome(mail).check
    assert (check.result, check.oldest_pass, check.problem) == ("pass", 0, None)
    assert each(mail) == [(instance, "pass", "pass") for instance in range(1, count + 1)]
    assert [one.cv for one in check.sets] == ["none"] + ["pass"] * (count - 1)
    assert codes(mail) == []
    assert arc_questions(collect(mail)) == (Question(NAME, RRType.TXT),)


def test_what_the_sealer_claims_is_read():
    (one,) = outcome(chain(1)).check.sets
    assert [(claim.method, claim.result) for claim in one.results] == [("dkim", "pass")]


def test_rfc8463_ed25519_seals_verify():
    options = {"by": "ed25519", "s": "s2"}
    mail = chain(2, set2={"seal": options, "message": options})
    dns = from_mapping({NAME: {"TXT": [record()]}, S2: {"TXT": [record("ed25519")]}})
    assert status(mail, dns) == ("pass", None)
    assert set(arc_questions(collect(mail))) == {Question(NAME, RRType.TXT), Question(S2, RRType.TXT)}


@pytest.mark.parametrize("c", ["simple/simple", "relaxed/simple", "simple/relaxed", None])
def test_rfc8617_4_1_2_canonicalizations_of_the_message_signature(c):
    raw = sealed(1, set1={"message": {"c": c or "relaxed/relaxed"}})
    assert status(parse(raw)) == ("pass", None)


def test_lf_files_are_checked_as_they_were_on_the_wire():
    assert status(parse(sealed(2).replace(b"\r\n", b"\n"))) == ("pass", None)


def test_mixed_files_are_read_both_ways():
    raw = sealed(2)
    assert status(parse(raw.replace(b"noon. \r\n", b"noon. \n"))) == ("pass", None)
    lone = b"a\nb\r\n"
    assert status(parse(sealed(2, body=lone))) == ("pass", None)


def drop(instance, kind):
    return lambda at, one: [field for field in one if not (at == instance and field.startswith(kind))]


def edit(instance, kind, old, new):
    def change(at, one):
        return [field.replace(old, new, 1) if at == instance and field.startswith(kind) else field for field in one]

    return change


def double(instance, kind):
    return lambda at, one: [field for field in one for _ in range(1 + (at == instance and field.startswith(kind)))]


KINDS = (b"ARC-Auth", b"ARC-Mess", b"ARC-Seal")
BROKEN = {
    **{f"missing-{kind.decode()}": drop(2, kind) for kind in KINDS},
    **{f"twice-{kind.decode()}": double(1, kind) for kind in KINDS},
    **{f"instance-0-{kind.decode()}": edit(1, kind, b"i=1", b"i=0") for kind in KINDS},
    **{f"instance-51-{kind.decode()}": edit(2, kind, b"i=2", b"i=51") for kind in KINDS},
    **{f"instance-word-{kind.decode()}": edit(2, kind, b"i=2", b"i=x") for kind in KINDS},
    **{f"instance-empty-{kind.decode()}": edit(2, kind, b"i=2", b"i=") for kind in KINDS},
    **{f"no-instance-{kind.decode()}": edit(2, kind, b"i=2", b"j=2") for kind in KINDS},
    "instance-not-first-in-results": edit(1, KINDS[0], b"i=1; mx1.example.net;", b"mx1.example.net; i=1;"),
    "no-semicolon-after-instance": edit(1, KINDS[0], b"i=1;", b"i=1 "),
    "nothing-behind-the-instance": lambda at, one: [
        one[0] if at == 2 else b"ARC-Authentication-Results: i=1\r\n",
        *one[1:],
    ],
    "gap": lambda at, one: [] if at == 1 else one,
}


@pytest.mark.parametrize("name", BROKEN)
def test_rfc8617_5_2_step_3_a_broken_form_fails(name):
    mail = chain(3, change=BROKEN[name])
    assert status(mail) == ("fail", "structure")
    assert codes(mail) == ["arc-structure"]
    assert {str(one.seal) for one in outcome(mail).check.sets} <= {"not-checked"}
    assert arc_questions(collect(mail)) == ()


@pytest.mark.parametrize(
    ("options", "problem", "code"),
    [
        ({"set1": {"cv": "pass"}}, "structure", "arc-structure"),
        ({"set2": {"cv": "none"}}, "structure", "arc-structure"),
        ({"set2": {"cv": "maybe"}}, "structure", "arc-structure"),
        ({"set2": {"cv": None}}, "structure", "arc-structure"),
        ({"set2": {"cv": "fail", "seal": {"alone": True}}}, "chain-failed", "arc-chain-failed"),
    ],
)
def test_rfc8617_5_2_steps_2_and_3_chain_values(options, problem, code):
    mail = chain(2, **options)
    assert status(mail) == ("fail", problem)
    assert code in codes(mail)
    # The signatures are all good, and said to be: it is the chain that is not.
    assert each(mail) == [(1, "pass", "pass"), (2, "pass", "pass")]


def test_rfc8617_5_2_step_1_fifty_one_sets():
    raw = sealed(50)
    extra = b"ARC-Seal: i=50; cv=pass\r\nARC-Seal: i=7\r\n"
    assert status(parse(extra + raw)) == ("fail", "limit")
    assert codes(parse(extra + raw)) == ["arc-limit"]


def test_rfc8617_5_2_step_4_the_newest_message_signature_must_verify():
    mail = parse(sealed(2).replace(BODY, BODY + b"footer\r\n"))
    assert status(mail) == ("fail", "message-signature")
    assert codes(mail) == ["arc-message-altered"]
    assert outcome(mail).check.sets[1].problem == "body-altered"


def test_rfc8617_5_2_step_5_older_message_signatures_break_in_a_list():
    original = {"body": b"as it was\r\n"}
    mail = chain(4, set1={"message": original}, set2={"message": original})
    check = outcome(mail).check
    assert (check.result, check.oldest_pass) == ("pass", 3)
    assert each(mail) == [(1, "pass", "fail"), (2, "pass", "fail"), (3, "pass", "pass"), (4, "pass", "pass")]
    assert codes(mail) == ["arc-altered-between"]


@pytest.mark.parametrize("instance", [1, 2])
def test_rfc8617_5_2_step_6_every_seal_must_verify(instance):
    mail = chain(2, change=edit(instance, b"ARC-Auth", b"dkim=pass", b"dkim=fail"))
    assert status(mail) == ("fail", "seal")
    # A seal covers its own set and all before it.
    assert [str(one.seal) for one in outcome(mail).check.sets] == [
        "fail" if at >= instance else "pass" for at in (1, 2)
    ]
    assert set(codes(mail)) == {"arc-seal-invalid"}


@pytest.mark.parametrize(
    ("dns", "expected", "code"),
    [
        (zone(rcode="SERVFAIL"), ("temperror", "dns-failure"), "arc-key-unavailable"),
        (zone(rcode="TIMEOUT"), ("temperror", "dns-failure"), "arc-key-unavailable"),
        (from_mapping({}), ("not-checked", "not-recorded"), "arc-key-unavailable"),
        (zone(rcode="NXDOMAIN"), ("fail", "message-signature"), "arc-key-gone"),
        (zone("p="), ("fail", "message-signature"), "arc-key-gone"),
        (zone(record("ed25519")), ("fail", "message-signature"), "arc-seal-invalid"),
    ],
)
def test_a_key_that_could_not_be_had_leaves_the_chain_open(dns, expected, code):
    assert status(chain(2), dns) == expected
    assert code in codes(chain(2), dns)


def test_a_seal_that_fails_is_not_hidden_by_a_key_that_could_not_be_had():
    mail = chain(2, set2={"seal": {"s": "s2"}}, change=edit(1, b"ARC-Auth", b"dkim=pass", b"dkim=fail"))
    dns = from_mapping({NAME: {"TXT": [record()]}, S2: {"TXT": {"rcode": "TIMEOUT"}}})
    assert status(mail, dns) == ("fail", "seal")
    assert each(mail, dns) == [(1, "fail", "pass"), (2, "temperror", "pass")]


def test_an_older_key_that_could_not_be_had_leaves_oldest_pass_open():
    mail = chain(2, set1={"message": {"s": "s2"}})
    check = outcome(mail, zone()).check
    assert (check.result, check.oldest_pass) == ("pass", None)
    assert codes(mail) == ["arc-key-unavailable"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"message": {"a": "rsa-sha1"}}, "weak-algorithm"),
        ({"message": {"by": "weak", "s": "s2"}}, "weak-key"),
        ({"seal": {"by": "weak", "s": "s2"}}, "weak-key"),
        ({"seal": {"h": "from"}}, "signature-malformed"),
        ({"seal": {"t": "now"}}, "signature-malformed"),
        ({"seal": {"d": "a..b"}}, "signature-malformed"),
        ({"message": {"h": "from:arc-seal"}}, "signature-malformed"),
        ({"message": {"length": 999}}, "body-length"),
    ],
)
def test_what_does_not_count_fails(options, problem):
    mail = chain(1, set1=options)
    dns = from_mapping({NAME: {"TXT": [record()]}, S2: {"TXT": [record("weak")]}})
    check = outcome(mail, dns).check
    assert (check.result, check.sets[0].problem) == ("fail", problem)


@pytest.mark.parametrize(("at", "result"), [(1000, "pass"), (1001, "fail")])
def test_a_message_signature_may_expire_before_reception(at, result):
    received_at = datetime.fromtimestamp(at, tz=UTC)
    check = check_arc(chain(1, set1={"message": {"x": 1000}}), dns=zone(), received_at=received_at).check
    assert check.result == result


def test_dkim_and_arc_share_one_pass_over_the_body():
    mail = parse(signature() + sealed(2))
    hashes = BodyHashes(mail.body)
    shared = (
        check_dkim(mail, dns=zone(), received_at=None, hashes=hashes),
        check_arc(mail, dns=zone(), received_at=None, hashes=hashes),
    )
    assert shared == (check_dkim(mail, dns=zone(), received_at=None), outcome(mail))
    assert dkim_questions(dkim_signatures(mail)) == arc_questions(collect(mail))


def test_a_thousand_fields_of_no_chain_come_to_an_end():
    raw = b"".join(b"ARC-Seal: i=%d; cv=pass\r\n" % (index % 60) for index in range(20_000))
    assert status(parse(raw + b"".join(FIELDS) + b"\r\n"))[0] == "fail"


def each_problem(mail, dns=None):
    return [(one.seal_problem, one.message_problem) for one in outcome(mail, dns).check.sets]


def test_each_signature_has_its_own_result_problem_and_key():
    mail = chain(2, change=edit(1, b"ARC-M", b"h=from", b"h=subject:from"))
    first, second = outcome(mail).check.sets
    assert (first.seal, first.message_signature) == ("fail", "fail")
    assert (second.seal, second.message_signature) == ("fail", "pass")
    assert first.message_problem is not None
    assert second.message_problem is None
    assert first.message_key == first.seal_key == "s1._domainkey.example.com"
    assert first.authserv_id == "mx1.example.net"


def test_a_missing_key_is_told_from_a_broken_signature():
    assert each_problem(chain(1), zone(rcode="NXDOMAIN")) == [("key-missing", "key-missing")]
    assert each_problem(chain(1), zone(record("ed25519"))) == [("key-type-mismatch", "key-type-mismatch")]
    assert each_problem(chain(1), zone(rcode="TIMEOUT")) == [("dns-failure", "dns-failure")]
    assert outcome(chain(1), zone(rcode="NXDOMAIN")).check.altered_after is None


def test_where_the_message_was_changed_is_said_of_the_chain():
    """The newest set whose message signature is of another content; the one above it, which holds, is the other end."""
    mail = chain(3, set1={"message": {"body": b"Before the footer.\r\n"}})
    found = outcome(mail)
    assert (found.check.result, found.check.altered_after, found.check.oldest_pass) == ("pass", 1, 2)
    (finding,) = [finding for finding in found.findings if finding.code == "arc-altered-between"]
    assert "set 1 (example.com) no longer holds" in finding.detail
    assert "set 2 (example.com) does" in finding.detail


def test_a_change_after_the_newest_set_is_said_too():
    mail = chain(2, set2={"message": {"body": b"Before the export.\r\n"}})
    found = outcome(mail)
    assert (found.check.result, found.check.altered_after) == ("fail", 2)
    assert "arc-altered-between" not in codes(mail)
    assert "arc-message-altered" in codes(mail)


def claims(mail, dns=None, path=None):
    check = check_arc(mail, dns=dns or zone(record()), received_at=None, path=path)
    return check.check.sealers_claim, [finding.code for finding in check.findings]


def test_a_sealer_that_says_the_author_passed_is_shown_as_claiming_it():
    words, found = claims(chain(2))
    assert words is not None
    assert "example.com says, in a seal that verifies, that dkim passed for example.com" in words
    assert "--trust example.com" in words
    assert found == ["arc-sealer-claims-pass"]


def test_a_sealer_that_is_trusted_is_said_to_be():
    mail = chain(1)
    words, _ = claims(mail, path=path_of(mail, trust=(".example.com",)))
    assert words is not None
    assert words.endswith("you trust it.")


def test_the_receiving_sides_own_seal_is_no_strangers_claim():
    raw = sealed(2)
    seals = raw.index(b"ARC-Seal", 10)
    received = b"Received: from a.example ([192.0.2.1]) by mx.example.net with ESMTPS id 1\r\n"
    below = parse(received + raw)
    between = parse(raw[:seals] + received + raw[seals:])
    above = parse(raw[: raw.index(b"From: ")] + received + raw[raw.index(b"From: ") :])
    assert claims(below, path=path_of(below, border=0))[0] is not None
    assert claims(below, path=path_of(below, border=0, receiver="example.com"))[0] is not None  # set 1 is a forwarder's
    assert claims(between, path=path_of(between, border=0))[0] is not None
    assert claims(above, path=path_of(above, border=0))[0] is None
    one = parse(received + sealed(1))
    assert claims(one, path=path_of(one, border=0, receiver="example.com"))[0] is None


@pytest.mark.parametrize(
    ("mail", "dns"),
    [
        pytest.param(chain(0), None, id="no chain"),
        pytest.param(chain(1), zone(rcode="NXDOMAIN"), id="no seal that verifies"),
        pytest.param(chain(1, change=edit(1, b"ARC-A", b"dkim=pass", b"dkim=fail")), None, id="altered"),
    ],
)
def test_nobody_vouches_where_the_chain_does_not_hold(mail, dns):
    assert claims(mail, dns)[0] is None


def test_what_a_message_signature_covers_is_kept():
    """RFC 8617 §4.1.2: h= and l= are those of DKIM, and leave out what they leave out."""
    (one,) = outcome(chain(1, set1={"message": {"h": "to:subject", "length": 20}})).check.sets
    assert (one.signed_fields, one.unsigned_octets) == (("to", "subject"), len(BODY) - 2 - 20)  # two of blanks
    (one,) = outcome(chain(1)).check.sets
    assert "from" in one.signed_fields
    assert one.unsigned_octets is None
