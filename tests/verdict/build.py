"""Stage results by hand: a message of example.com received by mx.example.net, with nothing for it and nothing against."""

from datetime import UTC, datetime

from mailtrace.auth.types import (
    DMARC7489,
    ARCCheck,
    Authentication,
    ClaimedResults,
    Discovery,
    DKIMCheck,
    DMARCCheck,
    MethodClaim,
    Session,
    SPFCheck,
    SPFIdentity,
)
from mailtrace.message import parse
from mailtrace.path.types import BorderSource, Hop, HopKind, Path, Received, Silence
from mailtrace.records import replace
from mailtrace.results import (
    ARCResult,
    Comparison,
    Confidence,
    DKIMResult,
    DMARCPolicy,
    DMARCResult,
    Scope,
    Security,
    SPFResult,
    Standing,
)
from mailtrace.transport.grade import DEFAULT
from mailtrace.transport.policy import judge
from mailtrace.transport.types import HopTransport, Transport

NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)

MAIL = (
    b"Received: from out.example.com (out.example.com [192.0.2.1]) by mx.example.net; Tue, 20 Oct 2026 12:00:00 +0000\r\n"
    b"DKIM-Signature: v=1; d=example.com; s=s\r\n"
    b"From: Ann <ann@example.com>\r\nSubject: hello\r\n"
)


def a_message(extra=b""):
    return parse(MAIL + extra + b"\r\nbody\r\n")


def a_hop(message, index=0, **changes):
    received = Received(
        helo="out.example.com", client_name="out.example.com", client_ip="192.0.2.1", by="mx.example.net", via=None,
        protocol="ESMTPS", id=None, recipient=None, mail_from=None, received_at=NOON, tls_clause=None, comments=(),
        with_text="ESMTPS", authenticated=None, text="",
    )  # fmt: skip
    hop = Hop(
        index=index, field=0, header=message.fields[0], received=received, software="Postfix",
        silence=Silence.CLEARTEXT, kind=HopKind.SMTP, standing=Standing.TRUSTED, delay_seconds=None, public=True,
    )  # fmt: skip
    return replace(hop, **changes)


def a_path(message, *hops, **changes):
    path = Path(
        hops=hops or (a_hop(message),), border=0, border_source=BorderSource.INFERRED, border_reason="first client",
        receiver="example.net", trust=(), total_seconds=None, findings=(),
    )  # fmt: skip
    return replace(path, **changes)


def a_transport(*words, scope=Scope.PUBLIC):
    facts = HopTransport(
        security=Security.ENCRYPTED, grade=None, tls=None, authenticated_submission=None, scope=scope,
        confidence=Confidence.HIGH,
    )  # fmt: skip
    hops = tuple(replace(facts, security=word) for word in words or (Security.ENCRYPTED,))
    return Transport(hops=hops, policy=judge((), DEFAULT), findings=())


def a_signature(domain="example.com", result=DKIMResult.PASS, **changes):
    passed = result is DKIMResult.PASS
    check = DKIMCheck(
        index=0, sdid=domain, auid=None, selector="s", algorithm="rsa-sha256", key_bits=2048, key_source="recording",
        signed_fields=("from", "subject"), canonicalization="relaxed/relaxed", body_length=None, signed_at=None,
        expires_at=None, result=result, body_hash=Comparison.MATCH if passed else Comparison.NOT_CHECKED,
        header_signature=Comparison.MATCH if passed else Comparison.NOT_CHECKED, problem=None if passed else "key-missing",
        alteration=None, testing=False, unsigned_octets=None,
        key_record=None,
        key_origin=None,
    )  # fmt: skip
    return replace(check, **changes)


def an_spf(result, domain="example.com", problem=None, narrow=None):
    return SPFCheck(trace=None,
        identity=SPFIdentity.MAILFROM, domain=domain, client_ip="192.0.2.1", result=result, mechanism="ip4:192.0.2.1",
        record="v=spf1 ip4:192.0.2.1 -all", lookups=0, void_lookups=0, explanation=None, problem=problem,
        narrow=True if result is SPFResult.PASS and narrow is None else narrow,
    )  # fmt: skip


def a_dmarc(result, policy=None, *, aligned_dkim=False, aligned_spf=False, problem=None, older=None):
    return DMARCCheck(policy_tag=None,walk=(),identifiers=(),
        result=result, author_domain="example.com", organizational_domain="example.com",
        record_domain="example.com" if policy else None, record=f"v=DMARC1; p={policy}" if policy else None,
        policy=policy, published_policy=policy, testing=False, aligned_spf=aligned_spf, aligned_dkim=aligned_dkim,
        discovery=Discovery.TREE_WALK,
        rfc7489=older or DMARC7489(result=result, organizational_domain="example.com", policy=policy), problem=problem,
    )  # fmt: skip


def a_stamp(result, standing=Standing.TRUSTED, domain="example.com"):
    claim = MethodClaim(method="dmarc", result=result, properties={"header.from": domain})
    return ClaimedResults(authserv_id="mx.example.net", standing=standing, field=0, results=(claim,))


NO_ARC = ARCCheck(result=ARCResult.NONE, oldest_pass=None, sets=(), problem=None)


def an_authentication(*, dmarc=None, dkim=(), spf=None, arc=NO_ARC, claims=(), session=None, differences=()):
    return Authentication(
        session=session or Session(client_ip="192.0.2.1", mail_from="ann@example.com"),
        spf=(an_spf(SPFResult.NEUTRAL) if spf is None else spf,), dkim=tuple(dkim),
        dmarc=dmarc or a_dmarc(DMARCResult.NONE), arc=arc, claims=tuple(claims), findings=(),
        differences=differences,
    )  # fmt: skip


REJECT, NONE = DMARCPolicy.REJECT, DMARCPolicy.NONE
