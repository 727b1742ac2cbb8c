"""What a profile makes of a hop and of a message: met, not met, or no evidence, and never more than the header shows."""

import itertools
import pathlib
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.path.types import HopKind, Silence
from mailtrace.results import PolicyResult, Security, Standing
from mailtrace.transport import DEFAULT, PROFILES, assess
from mailtrace.transport.suites import registered
from tests.transport.build import hop, path

MET, NOT_MET, NO_EVIDENCE = PolicyResult.MET, PolicyResult.NOT_MET, PolicyResult.NO_EVIDENCE
CASES = tomllib.loads((pathlib.Path(__file__).parents[1] / "corpus/transport/policies.toml").read_text())["case"]
NAMED = tuple(name for name in PROFILES if name != "default")

GOOD = hop(comments=("using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",))
OLD = hop(comments=("version=TLSv1 cipher=DHE-RSA-AES256-SHA bits=256",))
UNSAID = hop(protocol="ESMTPS")
CLAIMED = hop(comments=OLD.received.comments, standing=Standing.CLAIMED)
INSIDE = hop(public=False, comments=OLD.received.comments)


@pytest.mark.parametrize(
    ("case", "name"),
    [(case, name) for case in CASES for name in PROFILES],
    ids=lambda value: value if isinstance(value, str) else value["id"],
)
def test_case(case, name):
    fields = {key: case[key] for key in ("protocol",) if key in case}
    silence = Silence(case["silence"]) if "silence" in case else Silence.CLEARTEXT
    comments = tuple(case.get("comments", ()))
    policy = assess(path(hop(comments=comments, silence=silence, **fields)), PROFILES[name]).policy
    (judged,) = policy.hops
    assert (str(policy.result), str(judged.result)) == (case[name], case[name]), judged.why


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize(
    ("hops", "expected"),
    [
        ((), NO_EVIDENCE),
        ((GOOD,), MET),
        ((GOOD, GOOD), MET),
        ((GOOD, OLD), NOT_MET),
        ((GOOD, UNSAID), NO_EVIDENCE),
        ((UNSAID, OLD), NOT_MET),
        ((CLAIMED, GOOD), MET),
        ((INSIDE, GOOD), MET),
        ((CLAIMED,), NO_EVIDENCE),
        ((INSIDE,), NO_EVIDENCE),
    ],
)
def test_the_message_is_as_its_worst_deciding_hop(name, hops, expected):
    policy = assess(path(*hops), PROFILES[name]).policy
    assert policy.result is expected
    assert policy.profile == name
    assert len(policy.hops) == sum(one in (GOOD, OLD, UNSAID) for one in hops)


@pytest.mark.parametrize("name", NAMED)
def test_a_finding_for_each_hop_that_decides(name):
    found = assess(path(GOOD, UNSAID, OLD, CLAIMED, INSIDE), PROFILES[name]).findings
    codes = [one.code for one in found if one.code.startswith("transport-policy")]
    assert codes == ["transport-policy-met", "transport-policy-no-evidence", "transport-policy-not-met"]
    assert all("SP 800-52" in one.reference or "TR-02102-2" in one.reference for one in found[-3:])


def test_the_default_profile_has_findings_of_its_own_and_none_beside():
    found = assess(path(GOOD, UNSAID, OLD)).findings
    assert not [one for one in found if one.code.startswith("transport-policy")]


def test_silence_that_may_mean_nothing_is_no_evidence_and_never_not_met():
    likely = hop(silence=Silence.LIKELY_CLEARTEXT)
    for name in PROFILES:
        assert assess(path(likely), PROFILES[name]).policy.result is NO_EVIDENCE
        assert assess(path(hop()), PROFILES[name]).policy.result is NOT_MET


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_a_profile_names_registered_suites_and_known_versions(profile):
    assert profile.source
    assert set(profile.words) == set(PolicyResult)
    if profile is DEFAULT:
        assert profile.allowed_versions is profile.allowed_suites is None
        return
    assert profile.allowed_versions.allowed == {"TLSv1.2", "TLSv1.3"}
    assert profile.allowed_suites.allowed <= set(registered().values())
    assert profile.allowed_versions.source
    assert profile.allowed_suites.source


def test_how_many_suites_the_documents_list():
    """SP 800-52r2 §3.3.1.1 lists 56 and §3.3.1.2 four; TR-02102-2 §3.3.1.1 lists twenty and §3.4.4 three."""
    sizes = {name: len(PROFILES[name].allowed_suites.allowed) for name in NAMED}
    assert sizes == {"nist-800-52r2": 60, "bsi-tr-03108": 23, "hipaa": 60}


@pytest.mark.parametrize("name", PROFILES)
@given(
    comments=st.lists(
        st.sampled_from(["using TLSv1.3", "using SSLv2 with cipher RC4-MD5", "version=TLS1_2 cipher=OTHER", "TLS"])
        | st.text(max_size=40),
        max_size=3,
    ),
    protocol=st.sampled_from(["ESMTP", "ESMTPS", "HTTP", None]),
    silence=st.sampled_from(list(Silence)),
    kind=st.sampled_from(list(HopKind)),
    standing=st.sampled_from(list(Standing)),
)
def test_invariants(*, name, comments, protocol, silence, kind, standing):
    case = hop(comments=tuple(comments), protocol=protocol, silence=silence, kind=kind, standing=standing)
    transport = assess(path(case), PROFILES[name])
    policy, facts = transport.policy, transport.hops[0]
    for judged in policy.hops:
        assert judged.result is not MET or facts.security is Security.ENCRYPTED
        assert judged.result is not NOT_MET or facts.security is not Security.UNRECORDED
    assert (policy.result is MET) is bool(policy.hops and all(one.result is MET for one in policy.hops))
    said = " ".join([policy.summary, *policy.not_shown, *(one.why for one in policy.hops)])
    assert "complian" not in said.lower()


@given(st.lists(st.sampled_from([GOOD, OLD, UNSAID, CLAIMED, INSIDE]), max_size=4))
def test_the_order_of_the_hops_does_not_matter(hops):
    results = {assess(path(*one), PROFILES["hipaa"]).policy.result for one in itertools.permutations(hops)}
    assert len(results) == 1


def test_hostile_names_are_escaped():
    policy = assess(path(hop(by="mx\x1b[31m.example", comments=("using TLSv1",))), PROFILES["hipaa"]).policy
    assert "\x1b" not in policy.hops[0].why
