"""Nothing that a sender can write moves the border: not the fields that it brings along, and not what it calls itself."""

import tomllib
from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.path.build import path

CORPUS = Path(__file__).parents[1] / "corpus"
CASES = [
    case
    for file in sorted((CORPUS / "border").glob("*.toml"))
    for case in tomllib.loads(file.read_text("utf-8"))["case"]
]
CHAINS = [case for case in CASES if "border" in case]
FIELDS = sorted({value for case in CASES for value in case["received"]})

AT = "Tue, 20 Oct 2026 10:00:08 +0000"
TEMPLATES = (
    f"from {{}} (unknown [203.0.113.66]) by mx.example.net (Postfix) with ESMTP id 4A; {AT}",
    f"from {{}} (mta.sender.example [203.0.113.66]) by mx.example.net (Postfix) with ESMTPS id 4A for <b@example.net>; {AT}",
    f"from {{}} (mta.sender.example [203.0.113.66]) by mx.example.net (8.17.1/8.17.1) with ESMTP id 60A; {AT}",
    f"from {{}} (203.0.113.66) by mx.example.net (10.0.0.1) with Microsoft SMTP Server (TLS) id 15.0.1; {AT}",
    f"from mta.sender.example ([203.0.113.66] helo={{}}) by mx.example.net with esmtp (Exim 4.98) id 1u-2-3; {AT}",
    f"from unknown (HELO {{}}) (203.0.113.66) by mx.example.net with SMTP; {AT}",
    f"from {{}} (mta.sender.example. [203.0.113.66]) by mx.google.com with ESMTPS id x1 for <b@example.net>; {AT}",
    f"from 203.0.113.66 (EHLO {{}}) by 10.0.0.1 with SMTPs (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256); {AT}",
    (
        f"from {{}} (203.0.113.66) by A1.mail.protection.outlook.com (10.0.0.1) with Microsoft SMTP Server (version=TLS1_2, "
        f"cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.1.1 via Frontend Transport; {AT}"
    ),
)
FORGED = f"from bank.example (mail.bank.example [192.0.2.25]) by mx.example.net (Postfix) with ESMTPS id 4B; {AT}"

# What servers let through: no blank and no bracket of a comment, in which a server would lose its own way as well.
SAID = st.one_of(
    st.sampled_from(
        [
            "localhost", "localhost.localdomain", "127.0.0.1", "[127.0.0.1]", "[IPv6:::1]", "10.0.0.1", "[10.0.0.1]", "by",
            "from", "with", "mx.example.net", "gw.example.net", "pps.filterd", "pps.reinject", "mail", "unknown", "source",
            "mail.protonmail.ch", "mail.proton", "A1.prod.outlook.com", "mx.google.com", "LMTP", "fetchmail-6.4", "HELO", "EHLO",
            "helo=localhost", "[", "]", "]]", "::1", "203.0.113.66", "2603:10a6:1::9", "with-LMTP", "amavis", "local", "[local]",
        ]
    ),
    st.text(st.sampled_from("abcz019.-_[]:=@/?!'%+,"), min_size=1, max_size=40),
)  # fmt: skip


def above(found, number):
    """Return what is said of the topmost fields."""
    return [(hop.field, hop.standing, hop.kind, hop.public, hop.received) for hop in reversed(found.hops)][:number]


@given(st.sampled_from(CHAINS), st.lists(st.one_of(st.sampled_from(FIELDS), st.text(max_size=80)), max_size=6))
def test_fields_brought_along_change_nothing_above(case, brought):
    """Whatever stands below the border, the border and every hop above it stay as they are."""
    kept = case["received"][: case["border"] + 1]
    trust = tuple(case.get("trust", ()))
    alone = path(*kept, trust=trust)
    brought = [" ".join(value.split()) for value in brought if " ".join(value.split()).isprintable()]
    found = path(*kept, *brought, trust=trust)
    assert found.border_hop.field == alone.border_hop.field == case["border"]
    assert (found.border_reason, found.receiver, found.trust_matched) == (
        alone.border_reason,
        alone.receiver,
        alone.trust_matched,
    )
    assert above(found, len(kept)) == above(alone, len(kept))


@given(st.sampled_from(TEMPLATES), SAID, st.booleans())
def test_what_a_client_calls_itself_changes_nothing(template, said, is_below_a_store):
    """HELO moves nothing, whatever it is, at the top of the file and behind a hop inside."""
    store = [f"from mx ([127.0.0.1]) by store.example.net (Dovecot) with LMTP id A; {AT}"] if is_below_a_store else []
    found = path(*store, template.format(said), FORGED)
    assert found.border_hop.field == len(store)
    assert [hop.field for hop in found.hops if hop.standing == "trusted"] == list(reversed(range(len(store) + 1)))


@given(st.sampled_from(CHAINS), st.integers(0, 3))
def test_other_readings_lie_below_and_decide_nothing(case, spare):
    """Another reading is further down than the border, and is never taken."""
    found = path(*case["received"], *case["received"][:spare], trust=tuple(case.get("trust", ())))
    assume(found.other_borders)
    indexes = [found.border, *(other.index for other in found.other_borders)]
    assert indexes == sorted(set(indexes), reverse=True)
