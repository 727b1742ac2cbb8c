"""DKIM2 (draft-ietf-dkim-dkim2-spec): recognised, its chain shown, and never called verified."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.auth.dkim2 import MAX_FIELDS, check_dkim2
from mailtrace.auth.dkim2_types import DKIM2Status
from mailtrace.message import parse

FROM = "From: ann@example.com"


def b64(text):
    return base64.b64encode(text.encode()).decode()


def signed(i, d, mail_from, *recipients, m=1, **more):
    tags = {"i": i, "m": m, "t": 1790000000 + i, "d": d, "mf": b64(mail_from)}
    tags |= {"rt": ",".join(map(b64, recipients or ("<bob@example.net>",)))}
    tags |= {"s": "sel:rsa-sha256:QUJD", **more}
    return "DKIM2-Signature: " + ";\r\n\t".join(f"{tag}={text}" for tag, text in tags.items() if text is not None) + ";"


def instance(m, **more):
    tags = {"m": m, "h": "sha256:QUJD:REVG", **more}
    return "Message-Instance: " + "; ".join(f"{tag}={text}" for tag, text in tags.items() if text is not None)


AUTHOR = signed(1, "example.com", "<ann@example.com>", "<dev@lists.example.org>")
LIST = signed(2, "lists.example.org", "<dev-bounces@lists.example.org>", "<bob@example.net>", m=2)


def outcome(*fields):
    return check_dkim2(parse(("\r\n".join((*fields, FROM)) + "\r\n\r\nHello.\r\n").encode("utf-8", "surrogateescape")))


def chain(*fields):
    return outcome(*fields).chain


def test_absent():
    found = outcome()
    assert (found.chain.status, found.chain.signatures, found.findings) == (DKIM2Status.NONE, (), ())


def test_a_message_instance_alone_is_nobodys_statement():
    assert chain(instance(1)).status is DKIM2Status.NONE


def test_the_chain_is_shown_oldest_first_and_not_verified():
    found = outcome(LIST, instance(2, r=b64("{}")), AUTHOR, instance(1))
    assert (found.chain.status, found.chain.problem) == (DKIM2Status.NOT_CHECKED, None)
    first, second = found.chain.signatures
    assert (first.sequence, first.sdid, first.mail_from) == (1, "example.com", "ann@example.com")
    assert (first.recipients, first.algorithms) == (("dev@lists.example.org",), ("sel:rsa-sha256",))
    assert (second.sequence, second.instance, second.field) == (2, 2, 0)
    assert str(first.signed_at) == "2026-09-21 14:13:21+00:00"
    assert [(each.instance, each.recipe, each.hashes) for each in found.chain.instances] == [
        (1, False, ("sha256",)),
        (2, True, ("sha256",)),
    ]
    assert [finding.code for finding in found.findings] == ["dkim2-not-checked"]
    assert "example.com > lists.example.org" in found.findings[0].detail


@pytest.mark.parametrize(
    ("field", "attribute", "expected"),
    [
        (signed(1, "example.com", "<>", "<ann@example.com>"), "mail_from", "<>"),
        (signed(1, "example.com", "ann@example.com", "<a@example.net>"), "mail_from", "ann@example.com"),
        (signed(1, "example.com", "<a@example.com>", f="donotmodify,feedback"), "flags", ("donotmodify", "feedback")),
        (
            signed(1, "example.com", "<>", s="a:rsa-sha256:QUJD,b:ed25519-sha256:REVG|c:mldsa44:QQ=="),
            "algorithms",
            ("a:rsa-sha256", "b:ed25519-sha256", "c:mldsa44"),
        ),
        (signed(1, "Example.COM.", "<>"), "sdid", "example.com"),
        (signed(1, "example.com", "<>", x="later", zz="unknown"), "problem", None),
        (AUTHOR.replace("mf=", "nd=lists.example.org; xf=").replace("rt=", "xt="), "next_domain", "lists.example.org"),
        (AUTHOR.replace("mf=PGFu", "mf= PG\r\n\tFu"), "mail_from", "ann@example.com"),
        (AUTHOR.replace("m=1;\r\n\t", ""), "instance", None),
    ],
)
def test_tags(field, attribute, expected):
    (signature,) = chain(field, instance(1)).signatures
    assert getattr(signature, attribute) == expected
    assert signature.problem is None


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        pytest.param((LIST, instance(2), instance(1)), "DKIM2-Signature 1 is missing", id="gap"),
        pytest.param((AUTHOR, AUTHOR, instance(1)), "DKIM2-Signature 1 stands twice", id="twice"),
        pytest.param((AUTHOR,), "signature 1 covers Message-Instance 1, which is missing", id="nothing covered"),
        pytest.param((AUTHOR, instance(1), instance(3)), "Message-Instance 2 is missing", id="instance gap"),
        pytest.param((AUTHOR.replace("t=", "u="), instance(1)), "signature 1: t= is missing", id="no time"),
        pytest.param((AUTHOR.replace("i=1", "i=0"), instance(1)), "signature without number: i= cannot", id="i=0"),
        pytest.param(
            (AUTHOR.replace("i=1", "i=\u0661"), instance(1)), "signature without number: i= cannot", id="digit"
        ),
        pytest.param((AUTHOR + " i=1;", instance(1)), "signature 1: i= stands twice", id="tag twice"),
        pytest.param((AUTHOR.replace("mf=", "mf=*"), instance(1)), "signature 1: mf= cannot be read", id="mf"),
        pytest.param((AUTHOR.replace("sel:", ""), instance(1)), "signature 1: s= cannot be read", id="s"),
        pytest.param((AUTHOR, instance(1, h="sha256")), "Message-Instance 1: h= cannot be read", id="h"),
        pytest.param(("DKIM2-Signature: nonsense",), "signature without number: a part is no tag=value", id="nonsense"),
        pytest.param([AUTHOR] * (MAX_FIELDS + 1), f"more than {MAX_FIELDS} fields", id="flood"),
    ],
)
def test_what_cannot_be_a_chain_is_malformed(fields, problem):
    found = outcome(*fields)
    assert found.chain.status is DKIM2Status.MALFORMED
    assert (found.chain.problem or "").startswith(problem)
    assert [finding.code for finding in found.findings] == ["dkim2-malformed"]


@given(st.lists(st.text(alphabet="im=12;:,|stdrfhn \u00fc\udcfc\u202eA", max_size=60), max_size=4))
def test_any_fields_are_read(values):
    for name in ("DKIM2-Signature", "Message-Instance"):
        found = outcome(*(f"{name}: {value}" for value in values))
        assert all(finding.detail.isprintable() for finding in found.findings)
