"""Reports built by hand: what a renderer may be given, from the ordinary to the hostile."""

from datetime import UTC, datetime, timedelta

from mailtrace.auth.difference_types import Difference, Reason
from mailtrace.auth.dkim2_types import DKIM2Chain, DKIM2Instance, DKIM2Signature, DKIM2Status
from mailtrace.auth.spf_trace import Evaluated, Term
from mailtrace.auth.types import (
    DMARC7489,
    AlignmentMode,
    Alteration,
    AlterationStep,
    ARCCheck,
    ARCSet,
    ClaimedResults,
    Discovery,
    DKIMCheck,
    DMARCCheck,
    DMARCIdentifier,
    DMARCStep,
    MethodClaim,
    PolicyTag,
    Session,
    Source,
    SPFCheck,
    SPFIdentity,
)
from mailtrace.findings import Evidence, Finding
from mailtrace.message.types import Defect, LineEnding
from mailtrace.path.types import BorderSource, Related, RelatedKind
from mailtrace.records import replace
from mailtrace.report import (
    AuthenticationReport,
    DNSReport,
    ErrorDetail,
    ErrorReport,
    HopReport,
    HopTransportReport,
    Inputs,
    MailboxReport,
    MessageReport,
    PathReport,
    Report,
    SourceReport,
    Tool,
)
from mailtrace.resolver import Mode, Outcome
from mailtrace.results import (
    ARCResult,
    Authenticity,
    Basis,
    Comparison,
    Confidence,
    DKIMResult,
    DMARCPolicy,
    DMARCResult,
    Grade,
    PolicyResult,
    Scope,
    Security,
    Severity,
    SPFResult,
    Standing,
    TLSBasis,
    TransportAnswer,
)
from mailtrace.transport import PROFILES
from mailtrace.transport.types import ClientCertificate, HopPolicy, TLSInfo, TransportPolicy
from mailtrace.verdict import Verdict
from mailtrace.verdict.settle import Ask, OpenPoint

SENT = datetime(2026, 10, 20, 9, 59, 58, tzinfo=UTC)


def box(address, name=None):
    return MailboxReport(name=name, address=address)


def message(**changed):
    return replace(
        MessageReport(
            from_=(box("ann@example.com", "Ann"),),
            to=(box("carol@example.net"),),
            cc=(),
            reply_to=(),
            subject="Minutes of Tuesday",
            date=SENT,
            message_id="<m1@example.com>",
            author_domain="example.com",
            return_path="ann@example.com",
            line_ending=LineEnding.CRLF,
            defects=(),
        ),
        **changed,
    )


def tls(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", bits=256, basis=TLSBasis.COMMENT):
    return TLSInfo(
        version=version,
        cipher=cipher,
        bits=bits,
        forward_secrecy=True if version else None,
        peer_verified=None,
        basis=basis,
    )


def transport(security=Security.ENCRYPTED, grade=Grade.STRONG, info=None, submission=None, scope=Scope.PUBLIC):
    encrypted = security is Security.ENCRYPTED
    return HopTransportReport(
        security=security,
        grade=grade if encrypted else None,
        tls=(info or tls()) if encrypted else None,
        authenticated_submission=submission,
        scope=scope,
        confidence=Confidence.HIGH,
    )


def hop(index, of, **changed):
    """Return hop `index` of a chain of `of` hops, two seconds after the one before."""
    return replace(
        HopReport(
            index=index,
            field=of - 1 - index,
            helo=f"out{index}.example.com",
            client_name=f"out{index}.example.com",
            client_ip=f"192.0.2.{index % 250 + 1}",
            by=f"out{index + 1}.example.com",
            via=None,
            protocol="ESMTPS",
            id=f"4QpZ{index}",
            recipient=None,
            mail_from=None,
            received_at=SENT + timedelta(seconds=2 * index),
            delay_seconds=2.0 if index else None,
            software="Postfix",
            kind="smtp",
            standing=Standing.CLAIMED,
            transport=transport(),
            raw=f"from out{index}.example.com by out{index + 1}.example.com with ESMTPS id 4QpZ{index}",
        ),
        **changed,
    )


def related(name, kind, says=None, standing=Standing.CLAIMED, address=None, value=None):
    """Return a related field."""
    return Related(
        name=name,
        field=4,
        line=9,
        kind=kind,
        meaning="what such a field says",
        standing=standing,
        value=value or says or address or "x",
        says=says,
        address=address,
        at=None,
    )


def border_path(border=1):
    """Return the way from a laptop over the sender's relay to the receiver, and on to its mailbox server."""
    hops = (
        hop(
            0,
            3,
            helo="laptop",
            client_name=None,
            client_ip="10.1.1.5",
            by="relay.example.com",
            protocol="ESMTPSA",
            kind="submission",
            transport=transport(submission=True, grade=None, info=tls(cipher=None, bits=None)),
        ),
        hop(
            1,
            3,
            helo="relay.example.com",
            client_name="relay.example.com",
            client_ip="192.0.2.9",
            by="mx.example.net",
            standing=Standing.TRUSTED,
            received_at=SENT + timedelta(seconds=3),
            delay_seconds=3.0,
        ),
        hop(
            2,
            3,
            helo="mx.example.net",
            client_name="mx.example.net",
            client_ip="198.51.100.3",
            by="mail.example.net",
            protocol="LMTP",
            kind="lmtp",
            software="Dovecot",
            standing=Standing.TRUSTED,
            transport=transport(Security.LOCAL, scope=Scope.INTERNAL),
            received_at=SENT + timedelta(seconds=5),
        ),
    )
    return PathReport(
        border=border,
        border_source=BorderSource.INFERRED,
        border_reason="first client outside example.net",
        total_seconds=5.0,
        hops=hops,
    )


NO_PATH = PathReport(border=None, border_source=None, border_reason=None, total_seconds=None, hops=())


def evaluated(domain, record, term, result, **inner):
    kept = {"lookups": 0, "voids": (), "includes": (), "redirect": None, **inner}
    return Evaluated(domain=domain, record=record, result=result, term=term, **kept)


def term(text, name, argument=None):
    return Term(text=text, name=name, argument=argument, prefix=32)


# A record that includes two others, of which the second decides by a macro after a void lookup.
SPF_TRACE = evaluated(
    "example.com",
    "v=spf1 include:a.example include:b.example -all",
    term("include:b.example", "include", "b.example"),
    "pass",
    lookups=2,
    includes=(
        evaluated("a.example", "v=spf1 ip4:198.51.100.0/24 -all", term("-all", "all"), "fail"),
        evaluated(
            "b.example",
            "v=spf1 a:gone.example redirect=c.example",
            term("a:gone.example", "a", "gone.example"),
            "pass",
            lookups=2,
            voids=("A gone.example",),
            redirect=evaluated(
                "c.example",
                "v=spf1 exists:%{i}.ok.example",
                term("exists:%{i}.ok.example", "exists", "192.0.2.9.ok.example"),
                "pass",
                lookups=1,
            ),
        ),
    ),
)


def spf(result=SPFResult.PASS, **changed):
    return replace(
        SPFCheck(
            trace=None,
            identity=SPFIdentity.MAILFROM,
            domain="example.com",
            client_ip="192.0.2.9",
            result=result,
            mechanism="ip4:192.0.2.0/24",
            record="v=spf1 ip4:192.0.2.0/24 -all",
            lookups=0,
            void_lookups=0,
            explanation=None,
            problem=None,
            narrow=True if result is SPFResult.PASS else None,
        ),
        **changed,
    )


def dkim(result=DKIMResult.PASS, **changed):
    return replace(
        DKIMCheck(
            index=0,
            sdid="example.com",
            auid="@example.com",
            selector="s1",
            algorithm="rsa-sha256",
            key_bits=2048,
            key_source="recording",
            signed_fields=("from", "to", "subject", "date"),
            canonicalization="relaxed/relaxed",
            body_length=None,
            signed_at=SENT,
            expires_at=None,
            result=result,
            body_hash=Comparison.MATCH,
            header_signature=Comparison.MATCH,
            problem=None,
            alteration=None,
            testing=False,
            unsigned_octets=None,
            key_record=None,
            key_origin=None,
        ),
        **changed,
    )


def dmarc(result=DMARCResult.PASS, **changed):
    return replace(
        DMARCCheck(
            policy_tag=PolicyTag.P,
            walk=(
                DMARCStep(
                    domain="example.com", outcome=Outcome.ANSWER, record="v=DMARC1; p=reject", several=False, psd="u"
                ),
                DMARCStep(domain="com", outcome=Outcome.NXDOMAIN, record=None, several=False, psd=None),
            ),
            identifiers=(
                DMARCIdentifier(
                    method="dkim", domain="example.com", authenticated=True, mode=AlignmentMode.RELAXED, aligned=True
                ),
            ),
            result=result,
            author_domain="example.com",
            organizational_domain="example.com",
            record_domain="example.com",
            record="v=DMARC1; p=reject",
            policy=DMARCPolicy.REJECT,
            published_policy=DMARCPolicy.REJECT,
            testing=False,
            aligned_spf=True,
            aligned_dkim=True,
            discovery=Discovery.TREE_WALK,
            rfc7489=DMARC7489(result=result, organizational_domain="example.com", policy=DMARCPolicy.REJECT),
            problem=None,
        ),
        **changed,
    )


def policy(result=PolicyResult.MET, profile="default", **changed):
    """Return the answer of a profile about hop 1."""
    why = "mx.example.net recorded TLSv1.3 with TLS_AES_256_GCM_SHA384."
    judged = HopPolicy(index=1, result=result, why=why, rule=PROFILES[profile].source)
    return replace(
        TransportPolicy(
            profile=profile,
            title=PROFILES[profile].title,
            source=PROFILES[profile].source,
            result=result,
            summary=f"{PROFILES[profile].title}: {PROFILES[profile].words[result]}.",
            hops=(judged,),
            not_shown=PROFILES[profile].not_shown,
        ),
        **changed,
    )


NO_ARC = ARCCheck(result=ARCResult.NONE, oldest_pass=None, sets=(), problem=None)


def claim(method, result, **properties):
    named = {name.replace("_", "."): value for name, value in properties.items()}
    return MethodClaim(method=method, result=result, properties=named)


def stamp(*results, authserv_id="mx.example.net", standing=Standing.TRUSTED, field=2):
    return ClaimedResults(authserv_id=authserv_id, standing=standing, field=field, results=results)


def authentication(**changed):
    return replace(AuthenticationReport(spf=(spf(),), dkim=(dkim(),), dmarc=dmarc(), arc=NO_ARC, claims=()), **changed)


def finding(code, detail, severity=Severity.WARNING, confidence=Confidence.HIGH, *evidence):
    return Finding(
        code=code,
        severity=severity,
        confidence=confidence,
        title=code.replace("-", " ").capitalize(),
        detail=detail,
        reference="RFC 9989 §5.3",
        evidence=evidence or (Evidence(source="header:From[0]", line=7, excerpt="From: Ann <ann@example.com>"),),
    )


def verdict(**changed):
    return replace(
        Verdict(
            authenticity=Authenticity.AUTHENTIC,
            basis=Basis.DKIM,
            assumes=("file-unaltered", "border-inferred", "recording-genuine"),
            transport=TransportAnswer.ENCRYPTED,
            transport_claimed=TransportAnswer.ENCRYPTED,
            summary="example.com signed this message, and the signature verifies. "
            "It was handed over with TLS 1.3, as recorded by mx.example.net.",
            reasons=("author-signed",),
            next_steps=(),
        ),
        **changed,
    )


def authentic(**changed):
    return replace(
        Report(
            tool=Tool(version="0.0.0"),
            source=SourceReport(name="genuine.eml", kind="eml", position=0, size=4096, sha256="00ff" * 16),
            message=message(),
            verdict=verdict(),
            path=border_path(),
            session=Session(
                client_ip="192.0.2.9",
                client_ip_source=Source.RECEIVED,
                helo="relay.example.com",
                helo_source=Source.RECEIVED,
                mail_from="ann@example.com",
                mail_from_source=Source.RETURN_PATH,
            ),
            transport_policy=policy(),
            authentication=authentication(
                claims=(
                    stamp(
                        claim("dkim", "pass", header_d="example.com", header_s="s1"),
                        claim("spf", "pass", smtp_mailfrom="ann@example.com"),
                        claim("dmarc", "pass", header_from="example.com"),
                    ),
                )
            ),
            findings=(finding("author-signed", "example.com signed From, and it verifies.", Severity.INFO),),
            dns=DNSReport(mode=Mode.RECORDED, recorded_at=SENT, questions=7, unanswered=0),
            inputs=Inputs(now=SENT, trust=(), session=None, keys_sha256=None, profile="default"),
        ),
        **changed,
    )


def forged():
    path = border_path()
    relay = {"helo": "relay.evil.example", "client_name": "relay.evil.example", "client_ip": "203.0.113.9"}
    hops = (
        replace(path.hops[0], by="relay.evil.example"),
        replace(path.hops[1], **relay),
        path.hops[2],
    )
    evil = {"sdid": "mailer.evil.example", "auid": "@mailer.evil.example", "selector": "k"}
    return authentic(
        source=SourceReport(name="forged.eml", kind="eml", position=0, size=5120, sha256="ab" * 32),
        message=message(
            from_=(box("service@bank.example", "Your Bank"),),
            reply_to=(box("desk@evil.example"),),
            subject="Unusual activity on your account",
            author_domain="bank.example",
            return_path="bounce@evil.example",
        ),
        path=replace(path, hops=hops),
        verdict=verdict(
            authenticity=Authenticity.FORGED,
            basis=None,
            summary="bank.example did not authorise this message, and asks receivers not to accept such "
            "mail. It was handed over with TLS 1.3, as recorded by mx.example.net.",
            reasons=("dmarc-fail-enforced", "spf-fail", "dkim-not-aligned"),
            next_steps=(
                "Treat links and attachments as hostile; report it to the abuse desk of bank.example.",
                "Ask the administrators of mx.example.net why it was let in.",
            ),
        ),
        session=Session(
            client_ip="203.0.113.9",
            client_ip_source=Source.RECEIVED,
            helo="relay.evil.example",
            helo_source=Source.RECEIVED,
            mail_from="bounce@evil.example",
            mail_from_source=Source.RETURN_PATH,
        ),
        authentication=authentication(
            spf=(
                spf(SPFResult.FAIL, domain="evil.example", mechanism="-all", client_ip="203.0.113.9"),
                spf(SPFResult.NONE, identity=SPFIdentity.HELO, domain="relay.evil.example", mechanism=None),
            ),
            dkim=(dkim(**evil),),
            dmarc=dmarc(
                DMARCResult.FAIL,
                author_domain="bank.example",
                organizational_domain="bank.example",
                record_domain="bank.example",
                aligned_spf=False,
                aligned_dkim=False,
            ),
            claims=(
                stamp(
                    claim("dkim", "pass", header_d="mailer.evil.example"),
                    claim("spf", "fail", smtp_mailfrom="bounce@evil.example"),
                    claim("dmarc", "fail", header_from="bank.example"),
                ),
                stamp(
                    claim("dkim", "pass", header_d="bank.example"),
                    claim("dmarc", "pass", header_from="bank.example"),
                    authserv_id="mx.bank.example",
                    standing=Standing.CLAIMED,
                    field=9,
                ),
            ),
        ),
        findings=(
            finding(
                "dmarc-fail-enforced",
                "bank.example asks receivers to reject mail that fails DMARC (p=reject), and this one fails.",
                Severity.CRITICAL,
                Confidence.HIGH,
                Evidence(source="header:From[0]", line=7, excerpt="From: Your Bank <service@bank.example>"),
                Evidence(
                    source="dns:TXT _dmarc.bank.example",
                    line=None,
                    excerpt="v=DMARC1; p=reject; "
                    "rua=mailto:dmarc-reports@bank.example; ruf=mailto:dmarc-failures@bank.example",
                ),
            ),
            finding("spf-fail", "203.0.113.9 may not send for evil.example, the envelope sender."),
            finding(
                "dkim-not-aligned",
                "The signature verifies, but it is mailer.evil.example's.",
                Severity.NOTICE,
            ),
            finding(
                "stamp-contradicted",
                "A field that calls itself mx.bank.example claims dmarc=pass; DMARC fails.",
                Severity.NOTICE,
                Confidence.MEDIUM,
            ),
        ),
    )


def unproven():
    """Return a list message: footer added, one hop in cleartext, one not recorded, a clock that is wrong."""
    path = border_path(border=2)
    hops = (
        replace(
            path.hops[0],
            client_name="dsl-203-0-113-77.customers.a-very-long-provider-name.example",
            client_ip="2001:db8:85a3::8a2e:370:7334",
            transport=transport(Security.CLEARTEXT, submission=True),
        ),
        replace(
            path.hops[1],
            by="lists.example.org",
            standing=Standing.CLAIMED,
            transport=transport(Security.UNRECORDED),
            software=None,
            delay_seconds=-4.0,
        ),
        replace(
            path.hops[2],
            helo="mailman.internal",
            client_name="out.lists.example.org",
            client_ip="198.51.100.77",
            by="mx.example.net",
            kind="smtp",
            protocol="ESMTPS",
            transport=transport(info=tls("TLSv1", "ECDHE-RSA-AES256-SHA", 256), grade=Grade.WEAK),
            received_at=SENT + timedelta(days=1, hours=2),
            delay_seconds=93600.0,
        ),
    )
    return authentic(
        source=SourceReport(name="list.eml", kind="eml", position=0, size=9000, sha256="cd" * 32),
        message=message(
            to=tuple(box(f"member{n}@example.net", f"Member {n}") for n in range(12)),
            subject="[dev] A subject that goes on and on, as subjects do when somebody pastes the first "
            "paragraph of the message into it, with https://www.example.com/a/very/long/path/" + "segment/" * 12,
            defects=(Defect(code="folded-badly", line=12, detail="a folded line of blanks only"),),
        ),
        path=replace(path, hops=hops, total_seconds=93598.0),
        verdict=verdict(
            authenticity=Authenticity.UNPROVEN,
            basis=None,
            transport=TransportAnswer.ENCRYPTED,
            transport_claimed=TransportAnswer.PARTLY_ENCRYPTED,
            summary="The message as it stands here is not example.com's unaltered one, but it is proved "
            "or recorded by the receiver that it passed on the way. It was handed over with TLS 1.0 "
            "(obsolete parameters), as recorded by mx.example.net.",
            reasons=("dkim-body-altered", "hop-weak-tls"),
            next_steps=("Ask the operator of the list for the message as it came in.",),
            open_points=(
                OpenPoint(
                    about="what was changed after example.com signed it",
                    ask=Ask.FILE,
                    settles="The message as it was sent.",
                ),
                OpenPoint(
                    about="where the receiving side took the message over",
                    ask=Ask.OPTION,
                    settles="If example.net is the receiving side, say so with --trust .example.net.",
                ),
            ),
        ),
        authentication=authentication(
            spf=(
                spf(
                    domain="lists.example.org",
                    mechanism="include:b.example",
                    lookups=5,
                    void_lookups=1,
                    trace=SPF_TRACE,
                ),
            ),
            dkim=(
                dkim(
                    DKIMResult.FAIL,
                    body_hash=Comparison.MISMATCH,
                    problem="body-altered",
                    alteration=Alteration(
                        kind="footer-added",
                        detail="example.com signed this message without its last 212 octets and with the Subject "
                        '"Minutes": the signature verifies',
                        proved=True,
                        steps=(
                            AlterationStep(
                                kind="footer-added",
                                where="body",
                                line=61,
                                octets=212,
                                added=("_" * 47, "dev mailing list", "https://lists.example.org/dev"),
                                removed=(),
                            ),
                            AlterationStep(
                                kind="subject-tagged",
                                where="header:Subject",
                                line=12,
                                octets=0,
                                added=("[dev] Minutes",),
                                removed=("Minutes",),
                            ),
                        ),
                        octets=212,
                        signed_octets=904,
                    ),
                ),
                dkim(index=1, sdid="lists.example.org", selector="l", algorithm="ed25519-sha256", key_bits=None),
                dkim(
                    DKIMResult.TEMPERROR,
                    index=2,
                    selector="s2",
                    header_signature=Comparison.NOT_CHECKED,
                    problem="dns-failure",
                ),
            ),
            dmarc=dmarc(
                DMARCResult.FAIL,
                policy=DMARCPolicy.NONE,
                testing=True,
                aligned_spf=False,
                aligned_dkim=False,
                rfc7489=DMARC7489(
                    result=DMARCResult.PASS, organizational_domain="example.com", policy=DMARCPolicy.REJECT
                ),
            ),
            arc=ARCCheck(
                result=ARCResult.PASS,
                oldest_pass=0,
                sets=(
                    ARCSet(
                        instance=1,
                        sdid="lists.example.org",
                        selector="arc",
                        cv="none",
                        seal=ARCResult.PASS,
                        message_signature=ARCResult.PASS,
                        results=(claim("dmarc", "pass", header_from="example.com"),),
                        problem=None,
                    ),
                ),
                problem=None,
            ),
        ),
        findings=(
            finding(
                "dkim-body-altered",
                "Without the 212 octets at the end example.com's signature verifies: proved. Who added "
                "them is not proved. The message names the list dev.example.org.",
                Severity.NOTICE,
            ),
            finding("hop-weak-tls", "mx.example.net recorded TLS 1.0, which is obsolete (RFC 8996)."),
            finding("clock-difference", "Hop 1 is 4 s before hop 0.", Severity.INFO, Confidence.LOW),
        ),
    )


def stamped():
    """Return an old message through a list: its key is gone, a sealer vouches, DKIM2 is there, stamps differ."""
    gone = Difference(
        method="dkim", identity="example.com", stamped="pass", computed="permerror", reason=Reason.KEY_GONE,
        detail="The key s1._domainkey.example.com is not published any more (DNS of 2026-10-20, message of 2024-03-12); "
        "that by itself is no sign of forgery.", authserv_id="mx.example.net", standing=Standing.TRUSTED, field=2,
    )  # fmt: skip
    differences = (
        gone,
        replace(gone, method="spf", computed="not-checked", reason=Reason.NOT_EVALUATED, detail="Not shown."),
        replace(gone, method="dmarc", computed="fail", reason=Reason.FOLLOWS, detail="It follows from the key."),
        replace(gone, standing=Standing.CLAIMED, authserv_id="mx.example.org", field=9),
    )
    one = ARCSet(
        instance=1, sdid="lists.example.org", selector="arc", cv="none", seal=ARCResult.PASS,
        message_signature=ARCResult.FAIL, results=(claim("dmarc", "pass", header_from="example.com"),),
        problem="body-altered", authserv_id="mx.lists.example.org", sealed_at=SENT, seal_problem=None,
        seal_key="arc._domainkey.lists.example.org", message_problem="body-altered",
        message_key="arc._domainkey.lists.example.org",
    )  # fmt: skip
    two = replace(
        one, instance=2, sdid="relay.example", cv="pass", message_signature=ARCResult.PASS, problem=None,
        message_problem=None, seal_key="x._domainkey.relay.example", message_key="y._domainkey.relay.example",
    )  # fmt: skip
    step = DKIM2Signature(
        sequence=1, instance=1, sdid="example.com", signed_at=SENT, mail_from="ann@example.com",
        recipients=("dev@lists.example.org",), next_domain=None, flags=("donotmodify",), algorithms=("s1:rsa-sha256",),
        problem=None, field=20,
    )  # fmt: skip
    return authentic(
        authentication=authentication(
            dkim=(dkim(DKIMResult.PERMERROR, problem="key-missing", header_signature=Comparison.NOT_CHECKED),),
            dmarc=dmarc(DMARCResult.FAIL, aligned_dkim=False, aligned_spf=False),
            claims=(
                stamp(claim("dkim", "pass", header_d="example.com"), claim("dmarc", "pass", header_from="example.com")),
            ),
            arc=ARCCheck(
                result=ARCResult.PASS,
                oldest_pass=2,
                sets=(one, two),
                problem=None,
                altered_after=1,
                sealers_claim="lists.example.org says, in a seal that verifies, that dmarc passed for example.com. "
                "That counts only if you trust lists.example.org (--trust lists.example.org).",
            ),
            differences=differences,
            dkim2=DKIM2Chain(
                status=DKIM2Status.NOT_CHECKED,
                problem=None,
                signatures=(step, replace(step, sequence=2, sdid="lists.example.org", next_domain="example.org")),
                instances=(DKIM2Instance(instance=1, hashes=("sha256",), recipe=True, problem=None, field=21),),
            ),
        ),
    )


def bare():
    """Return the report on a message that has nothing but a subject, judged without DNS."""
    return authentic(
        source=SourceReport(name=None, kind="eml", position=0, size=20, sha256="ef" * 32),
        message=message(
            from_=(), to=(), subject=None, date=None, message_id=None, author_domain=None, return_path=None
        ),
        path=NO_PATH,
        session=Session(),
        verdict=verdict(
            authenticity=Authenticity.INDETERMINATE,
            basis=None,
            assumes=(),
            transport=TransportAnswer.UNRECORDED,
            transport_claimed=None,
            summary="Nothing can be said.",
            reasons=("sender-not-recorded",),
            next_steps=("Ask the recipient for the message with its full header.",),
        ),
        authentication=authentication(
            spf=(
                spf(
                    SPFResult.NOT_CHECKED,
                    domain=None,
                    client_ip=None,
                    record=None,
                    mechanism=None,
                    problem="no-client",
                ),
            ),
            dkim=(),
            dmarc=dmarc(
                DMARCResult.PERMERROR,
                author_domain=None,
                organizational_domain=None,
                record_domain=None,
                record=None,
                policy=None,
                published_policy=None,
                aligned_spf=None,
                aligned_dkim=None,
                rfc7489=DMARC7489(result=DMARCResult.PERMERROR, organizational_domain=None, policy=None),
                problem="no-author",
            ),
        ),
        findings=(finding("sender-not-recorded", "The file has no Received field.", Severity.NOTICE),),
        dns=DNSReport(mode=Mode.OFFLINE, recorded_at=None, questions=2, unanswered=2),
    )


def long_chain(length=30, border=24):
    kinds = (
        transport(),
        transport(info=tls("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", 128), grade=Grade.ACCEPTABLE),
        transport(Security.CLEARTEXT),
        transport(Security.UNRECORDED),
        transport(Security.LOCAL, scope=Scope.LOOPBACK),
    )
    hops = tuple(
        hop(
            index,
            length,
            transport=kinds[index % len(kinds)],
            kind="loopback" if index % len(kinds) == 4 else "smtp",
            standing=Standing.TRUSTED if index >= border else Standing.CLAIMED,
        )
        for index in range(length)
    )
    return authentic(
        path=PathReport(
            border=border,
            border_source=BorderSource.GIVEN,
            border_reason="--trust .example.com",
            total_seconds=2.0 * (length - 1),
            hops=hops,
        )
    )


def provider_chain():
    """Return a message that a list sent on to somebody whose provider has many machines, with what they wrote beside."""
    path = border_path()
    trusted = Standing.TRUSTED
    inside = [
        hop(
            index,
            7,
            helo=f"mx{index}.inside.example.net",
            client_name=None,
            client_ip=f"10.0.0.{index}",
            by=f"mx{index + 1}.example.net",
            standing=trusted,
            delay_seconds=0.0,
            transport=transport(security, scope=Scope.INTERNAL),
        )
        for index, security in ((2, Security.ENCRYPTED), (3, Security.LOCAL), (4, Security.ENCRYPTED))
    ]
    submission, border, last = path.hops
    hops = (
        replace(submission, related=(related("DKIM-Signature", RelatedKind.SIGNATURE, "example.com"),)),
        replace(
            border,
            related=(
                related("ARC-Seal", RelatedKind.SEAL, "example.net", trusted),
                related("X-MDRemoteIP", RelatedKind.CLIENT, None, trusted, address="192.0.2.9"),
                related(
                    "Authentication-Results", RelatedKind.STAMP, "mx.example.net", value="mx.example.net; spf=pass"
                ),
            ),
        ),
        *inside,
        replace(last, index=5, delay_seconds=720.0),
        replace(
            last,
            index=6,
            related=(
                related("X-Original-To", RelatedKind.DELIVERY, "team@example.net", trusted),
                related("Delivered-To", RelatedKind.DELIVERY, "carol@example.net", trusted),
                related("Return-Path", RelatedKind.ENVELOPE, "<>", trusted),
            ),
            related_left_out=3,
        ),
    )
    unplaced = (
        related("List-Id", RelatedKind.LIST, "dev.lists.example.org"),
        related("X-Originating-IP", RelatedKind.CLIENT, None, address="198.51.100.77"),
        related("X-Mailer", RelatedKind.PROGRAM, "Post 1.0"),
    )
    return authentic(path=replace(path, hops=hops, total_seconds=730.0, unplaced=unplaced))


def contradicted():
    """Return a report in which a claimed hop is shown to be wrong, and another names nothing at all."""
    path = border_path()
    silent = replace(
        path.hops[0],
        helo=None,
        client_name=None,
        client_ip=None,
        by=None,
        received_at=None,
        protocol=None,
        software=None,
        standing=Standing.CONTRADICTED,
        transport=transport(Security.UNRECORDED),
    )
    return authentic(path=replace(path, hops=(silent, *path.hops[1:])))


HOSTILE = "\x1b[31m\x1b]0;owned\x07[bold red]\u202eevil\u2066\r\n\x00\x9b2J\udce9 \x7f\u200bend"


def hostile_field(text, name=None):
    return replace(related(name or text, RelatedKind.SIGNATURE, text), value=text, meaning=text, address=text)


def hostile(text=HOSTILE):
    """Return a report in which every text that a sender can choose is this one."""
    report = unproven()
    person = box(text, text)
    certificate = ClientCertificate(presented=True, verified=True, common_name=text, issuer=text, raw_public_key=text)
    info = replace(tls(cipher=text), key_exchange=text, server_signature=text, client_certificate=certificate)
    hops = tuple(
        replace(
            one,
            transport=replace(one.transport, tls=info) if one.transport.tls else one.transport,
            helo=text,
            client_name=text,
            by=text,
            via=text,
            protocol=text,
            id=text,
            recipient=text,
            mail_from=text,
            software=text,
            raw=text,
            related=(hostile_field(text), hostile_field(text, "X-Forwarded-To")),
        )
        for one in report.path.hops
    )
    found = tuple(
        replace(one, detail=text, evidence=(Evidence(source=text, line=3, excerpt=text),)) for one in report.findings
    )
    authentication = report.authentication
    said = (MethodClaim(method=text, result=text, properties={text: text, "header.d": text}),)
    return replace(
        report,
        source=replace(report.source, name=text),
        message=message(
            from_=(person, person),
            to=(person,),
            cc=(person,),
            reply_to=(person,),
            subject=text,
            message_id=text,
            return_path=text,
            author_domain=text,
            defects=(Defect(code=text, line=1, detail=text),),
        ),
        verdict=replace(report.verdict, summary=text, next_steps=(text,), assumes=(text,)),
        path=replace(report.path, hops=hops, border_reason=text, unplaced=(hostile_field(text),)),
        session=replace(report.session, client_ip=text, helo=text, mail_from=text),
        authentication=replace(
            authentication,
            spf=tuple(
                replace(one, domain=text, mechanism=text, record=text, explanation=text, problem=text)
                for one in authentication.spf
            ),
            dkim=tuple(
                replace(one, sdid=text, selector=text, algorithm=text, problem=text, signed_fields=(text,))
                for one in authentication.dkim
            ),
            dmarc=replace(authentication.dmarc, author_domain=text, record=text, record_domain=text, problem=text),
            arc=replace(
                authentication.arc,
                problem=text,
                sets=tuple(
                    replace(one, sdid=text, selector=text, cv=text, results=said) for one in authentication.arc.sets
                ),
            ),
            claims=(
                stamp(*said, authserv_id=text),
                stamp(*said, authserv_id=text, standing=Standing.CLAIMED),
            ),
        ),
        transport_policy=policy(
            profile="hipaa",
            title=text,
            summary=text,
            not_shown=(text,),
            hops=(HopPolicy(index=0, result=PolicyResult.NOT_MET, why=text, rule=text),),
        ),
        findings=found,
        inputs=replace(report.inputs, trust=(text,)),
    )


def error():
    return ErrorReport(
        tool=Tool(version="0.0.0"),
        source=SourceReport(name="cat.jpg", kind="unknown", position=0, size=None, sha256=None),
        error=ErrorDetail(code="not-a-message", message="not a mail message: a JPEG image"),
    )


REPORTS = {
    "authentic": authentic,
    "forged": forged,
    "unproven": unproven,
    "bare": bare,
    "long-chain": long_chain,
    "stamped": stamped,
    "contradicted": contradicted,
    "provider-chain": provider_chain,
    "hostile": hostile,
}


def unproven_and_stamped():
    """Return a report in which no section is empty."""
    report = unproven()
    claims = (stamp(claim("dmarc", "pass", header_from="example.com")),)
    return replace(report, authentication=replace(report.authentication, claims=claims))
