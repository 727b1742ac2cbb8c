"""The report as text: what a person sees, at every width, with and without colour, whatever a sender wrote."""

import pathlib
import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from mailtrace.auth.dkim2_types import DKIM2Status
from mailtrace.path.types import RelatedKind
from mailtrace.records import replace
from mailtrace.render.text import render
from mailtrace.render.text.related import facts
from mailtrace.results import Authenticity, Grade, Scope, Security, Standing, TransportAnswer
from mailtrace.transport.types import ClientCertificate
from tests.render import reports

GOLDEN = pathlib.Path(__file__).parent / "golden"
NAMES = tuple(reports.REPORTS)
SGR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [80, 200])
def test_golden(golden, name, width):
    golden(GOLDEN / f"{name}.{width}.txt", render(reports.REPORTS[name](), width=width))


@pytest.mark.parametrize("name", NAMES)
def test_golden_verbose(golden, name):
    golden(GOLDEN / f"{name}.verbose.txt", render(reports.REPORTS[name](), verbose=True))


@pytest.mark.parametrize("name", NAMES)
def test_colour_adds_nothing_but_colour(name):
    report = reports.REPORTS[name]()
    colored = render(report, color=True, verbose=True)
    assert SGR.search(colored)
    assert SGR.sub("", colored) == render(report, color=False, verbose=True)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [60, 72, 80, 120, 200])
def test_no_line_is_wider_than_the_page(name, width):
    for verbose in (False, True):
        text = render(reports.REPORTS[name](), width=width, verbose=verbose)
        assert [line for line in text.splitlines() if cell_len(line) > width] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_trailing_blanks_and_never_two_free_lines(name):
    text = render(reports.REPORTS[name](), verbose=True)
    assert not re.search(r"[ \t]$", text, re.MULTILINE)
    assert "\n\n\n" not in text
    assert text.endswith("\n")
    assert not text.startswith("\n")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_what_the_encoding_lacks_is_spelled_out(encoding):
    people = (reports.box("ann@example.com", "Ānn 安 🙂"),)
    report = reports.authentic(message=reports.message(from_=people))
    text = render(report, encoding=encoding)
    text.encode(encoding)
    assert "\\u5b89 \\U0001f642" in text
    assert "───" not in text


def test_wide_characters_are_counted_by_their_columns():
    report = reports.authentic(message=reports.message(subject="安" * 100))
    lines = render(report).splitlines()
    assert max(map(cell_len, lines)) == 80
    assert "".join(lines).count("安") == 100


def test_the_verdict_comes_first_in_words():
    lines = render(reports.forged()).splitlines()
    assert lines[0].startswith("FORGED      bank.example did not authorise this message")
    assert lines[2].startswith("ENCRYPTED   It was handed over with TLS 1.3, as recorded by mx.example.net.")
    assert "Before that, by the sender's own account: encrypted." in lines[3]


@pytest.mark.parametrize("word", Authenticity)
def test_every_authenticity_has_its_word(word):
    report = reports.authentic(verdict=reports.verdict(authenticity=word, basis=None))
    assert render(report, color=True).splitlines()[0].find(word.upper()) > 0


@pytest.mark.parametrize("word", TransportAnswer)
def test_every_transport_has_its_word(word):
    report = reports.authentic(verdict=reports.verdict(transport=word, transport_claimed=word))
    assert render(report).splitlines()[1].startswith(word.upper() + "   ")


def test_cleartext_unrecorded_and_local_are_three_things():
    text = render(reports.long_chain())
    for words in ("NOT ENCRYPTED", "encryption not recorded", "within one machine"):
        assert words in text
    assert "TLS may or may not have\n  been used" in text


def test_a_claim_is_shown_as_a_claim():
    lines = render(reports.forged()).splitlines()
    assert any("claimed by relay.evil.example" in line for line in lines)
    assert any("claimed by mx.bank.example, not trusted: dkim=pass, dmarc=pass" in line for line in lines)
    border = next(at for at, line in enumerate(lines) if "border:" in line)
    assert not any("claimed by relay" in line for line in lines[border:])
    assert not any("recorded by mx" in line for line in lines[lines.index("Why") : border])


def test_steps_inside_are_drawn_as_one_and_told_one_by_one_with_v():
    text = render(reports.provider_chain())
    assert "2-4 │  3 steps in one organisation: encrypted, local" in text
    assert "recorded by mx5.example.net and 2 machines before it" in text
    # A wait is never hidden, and neither is the border.
    assert re.search(r"^ +5 │  .*\+12 min$", text, re.MULTILINE)
    verbose = render(reports.provider_chain(), verbose=True)
    assert "steps in" not in verbose
    for number in range(7):
        assert re.search(rf"^  {number} │ ", verbose, re.MULTILINE)


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "submission"},
        {"kind": "http"},
        {"kind": "retrieval"},
        {"kind": "list"},
        {"delay_seconds": 60.0},
        {"delay_seconds": -60.0},
        {"standing": Standing.CONTRADICTED},
        {"standing": Standing.CLAIMED},
        {"transport": reports.transport(scope=Scope.PUBLIC)},
        {"transport": reports.transport(scope=Scope.UNKNOWN)},
        {"transport": reports.transport(scope=Scope.INTERNAL, grade=Grade.WEAK)},
        {"transport": reports.transport(scope=Scope.INTERNAL, grade=Grade.BROKEN)},
        {"transport": reports.transport(scope=Scope.INTERNAL, submission=True)},
    ],
)
def test_what_a_reader_must_see_is_drawn_by_itself(changed):
    report = reports.provider_chain()
    hops = list(report.path.hops)
    hops[3] = replace(hops[3], **changed)
    assert "3 steps" not in render(replace(report, path=replace(report.path, hops=tuple(hops))))


def test_cleartext_inside_is_said_of_the_steps():
    report = reports.provider_chain()
    hops = list(report.path.hops)
    hops[3] = replace(hops[3], transport=reports.transport(Security.CLEARTEXT, scope=Scope.INTERNAL))
    text = render(replace(report, path=replace(report.path, hops=tuple(hops))))
    assert "3 steps in one organisation: encrypted, NOT ENCRYPTED" in text
    assert "NOT ENCRYPTED: that server writes down" in text


def test_steps_within_one_machine():
    report = reports.provider_chain()
    here = reports.transport(Security.LOCAL, scope=Scope.LOOPBACK)
    hops = tuple(
        replace(hop, transport=here, kind="loopback", by="mx.example.net") if hop.index in (2, 3, 4) else hop
        for hop in report.path.hops
    )
    text = render(replace(report, path=replace(report.path, hops=hops)))
    assert "2-4 │  3 steps on one machine  " in text
    assert "recorded by mx.example.net\n     mx.example.net" in text


def test_related_fields_stand_under_the_machine_that_wrote_them():
    lines = [line.strip() for line in render(reports.provider_chain()).splitlines()]
    border = next(at for at, line in enumerate(lines) if "border:" in line)
    first = lines.index("[10.1.1.5], calls itself laptop")
    assert lines[first + 1 : first + 3] == [
        "- names the list dev.lists.example.org",
        "- from [198.51.100.77], says X-Originating-IP",
    ]
    assert lines[border - 1] == "- signature in the name of example.com"
    # An address that a Received field names already is not said again.
    assert "X-MDRemoteIP" not in "".join(lines)
    assert lines.index("- ARC seal of example.net") > border
    assert lines.index("- delivered to carol@example.net") == lines.index("- addressed to team@example.net") + 1


def test_a_login_that_only_a_field_tells_of_is_said_to_be_that():
    said = facts([reports.related("X-Authenticated-User", RelatedKind.ACCOUNT, "ann@example.com")], frozenset())
    assert said == ["a login as ann@example.com, says X-Authenticated-User"]


def test_every_related_field_is_told_with_v():
    text = " ".join(render(reports.provider_chain(), verbose=True).split())
    assert "X-MDRemoteIP, line 9: what such a field says: 192.0.2.9" in text
    assert "Authentication-Results, line 9 (claimed): what such a field says: mx.example.net; spf=pass" in text
    assert "3 fields more of this place" in text
    assert "Below all Received fields, by the sender's program" in text
    assert "X-Mailer, line 9" in text


def test_hops_are_explained_when_asked_for_and_with_v():
    report = reports.provider_chain()
    told = "mx.example.net (Postfix) took the message from relay.example.com [192.0.2.9]"
    assert told not in " ".join(render(report).split())
    explained = " ".join(render(report, explain_hops=True).split())
    assert told in explained
    assert "X-MDRemoteIP" not in explained
    assert told in " ".join(render(report, verbose=True).split())


def test_a_long_chain_is_told_at_both_ends():
    text = render(reports.long_chain(1000, border=990), explain_hops=True)
    assert text.count("... 920 hops more, all in the JSON ...") == 2


def test_without_a_path_nothing_is_told_of_hops():
    assert "Hop by hop" not in render(reports.bare(), explain_hops=True, verbose=True)
    report = reports.bare()
    path = replace(report.path, unplaced=reports.provider_chain().path.unplaced)
    text = render(replace(report, path=path), verbose=True)
    assert "In a header without a Received field" in text


def test_a_machine_of_two_names_inside_is_one_machine():
    report = reports.provider_chain()
    hops = list(report.path.hops)
    hops[3] = replace(hops[3], helo="MX3.other.example", delay_seconds=61.0)
    text = render(replace(report, path=replace(report.path, hops=tuple(hops))))
    assert "     mx3.example.net [10.0.0.3]\n" in text


def test_a_stamp_stands_beside_the_result_it_speaks_of():
    text = render(reports.forged(), width=120)
    rows = {tuple(line.split()[:2]): line.split()[-1] for line in text.splitlines() if "  " in line.strip()}
    assert rows["SPF", "evil.example"] == "fail"
    assert rows["SPF", "relay.evil.example"] == "-"
    assert rows["DKIM", "mailer.evil.example"] == "pass"
    assert rows["DMARC", "bank.example"] == "fail"


def test_a_stamp_of_the_session_without_a_name_is_mail_from_s():
    report = reports.forged()
    stamp = reports.stamp(reports.MethodClaim(method="spf", result="softfail", properties={"client-ip": "203.0.113.9"}))
    helo = reports.MethodClaim(
        method="spf", result="neutral", properties={"identity": "helo", "helo": "relay.evil.example"}
    )
    claims = (stamp, reports.stamp(helo))
    text = render(replace(report, authentication=replace(report.authentication, claims=claims)), width=120)
    assert re.search(r"SPF +evil\.example +fail, by -all +softfail\n", text)
    assert re.search(r"SPF +relay\.evil\.example \(as HELO\) +none +neutral\n", text)


def test_a_helo_at_the_border_is_the_sender_s_own_word():
    path = reports.border_path()
    hops = tuple(replace(hop, client_name=None) for hop in path.hops)
    lines = render(reports.authentic(path=replace(path, hops=hops))).splitlines()
    border = next(at for at, line in enumerate(lines) if "border:" in line)
    assert lines[border - 1] == "     [192.0.2.9], calls itself relay.example.com"
    assert "     mx.example.net [198.51.100.3]" in lines[border:]


@pytest.mark.parametrize(
    ("helo", "shown"),
    [("[10.1.1.5]", "[10.1.1.5]"), ("[IPv6:2001:DB8::1]", "[10.1.1.5], calls itself [IPv6:2001:DB8::1]")],
)
def test_an_address_literal_is_not_said_twice(helo, shown):
    path = reports.border_path()
    hops = (replace(path.hops[0], helo=helo), *path.hops[1:])
    assert f"     {shown}\n" in render(reports.authentic(path=replace(path, hops=hops)))


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-3.0, "clocks differ, -3 s"),
        (-0.2, "-0.2 s"),
        (0.0, "+0 s"),
        (0.25, "+0.2 s"),
        (61.0, "+1 min 1 s"),
        (90061.0, "+1 d 1 h"),
    ],
)
def test_delays(seconds, shown):
    path = reports.border_path()
    hops = (path.hops[0], replace(path.hops[1], delay_seconds=seconds), path.hops[2])
    text = render(reports.authentic(path=replace(path, hops=hops)), width=120)
    assert re.search(rf"10:00:01  {re.escape(shown)}\n", text)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (90.0, "1 min 30 s later"),
        (-90.0, "1 min 30 s earlier: clocks differ"),
        (-90000.0, "1 d 1 h earlier: a clock is wrong, or the date made up"),
    ],
)
def test_when_it_was_received(seconds, shown):
    report = reports.authentic()
    received = report.path.hops[report.path.border].received_at
    message = replace(report.message, date=received - timedelta(seconds=seconds))
    assert f"({shown}) " in " ".join(render(replace(report, message=message)).split())


def test_a_stamp_on_what_is_not_there_has_its_own_row():
    report = reports.authentic()
    stamp = reports.stamp(reports.claim("dkim", "fail", header_d="gone.example", header_s="x"))
    text = render(replace(report, authentication=replace(report.authentication, claims=(stamp,))))
    assert re.search(r"DKIM +gone\.example +- +fail", text)


def test_two_signatures_of_one_domain_are_told_apart():
    pair = (
        reports.dkim(selector="old"),
        reports.dkim(index=1, selector="new", algorithm="ed25519-sha256"),
    )
    stamps = reports.stamp(
        reports.claim("dkim", "neutral", header_d="example.com", header_s="new"),
        reports.claim("dkim", "pass", header_d="example.com", header_s="old"),
    )
    text = render(reports.authentic(authentication=reports.authentication(dkim=pair, claims=(stamps,))), width=120)
    assert re.search(r"example\.com \(old, rsa-sha256\) +pass, aligned with From +pass\n", text)
    assert re.search(r"example\.com \(new, ed25519-sha256\) +pass, aligned with From +neutral\n", text)


def test_the_chain_is_elided_in_the_middle():
    text = render(reports.long_chain(1000, border=990))
    assert "... 920 hops more, all in the JSON ..." in text
    assert text.count("\n") < 300


def test_a_border_in_the_elided_part_is_said():
    assert "border: from here on" in render(reports.long_chain(1000, border=500))


def test_a_huge_value_is_cut():
    report = reports.authentic(message=reports.message(subject="x" * 1_000_000))
    text = render(report)
    assert "(1,000,000 characters in all)" in " ".join(text.split())
    assert len(text) < 10_000


def test_findings_are_counted_without_v_and_told_with_it():
    assert "1 finding more with -v (1 notice)" in render(reports.forged())
    assert "stamp-contradicted" not in render(reports.forged())
    text = render(reports.forged(), verbose=True)
    assert "CRITICAL  dmarc-fail-enforced" in text
    assert "header:From[0], line 7: From: Your Bank <service@bank.example>" in text
    assert "(confidence: medium)" in text


def test_the_same_report_twice():
    assert render(reports.unproven(), verbose=True) == render(reports.unproven(), verbose=True)


@pytest.mark.parametrize("name", NAMES)
def test_we_never_say_that_mail_is_secure(name):
    assert "secure" not in render(reports.REPORTS[name](), verbose=True).lower()


def test_a_tab_is_a_blank():
    assert "Subject   a b\n" in render(reports.authentic(message=reports.message(subject="a\tb")))


def test_markup_is_text():
    report = reports.authentic(message=reports.message(subject="[red]x[/red] [link=https://x.test]y[/link] :smile:"))
    assert "[red]x[/red] [link=https://x.test]y[/link] :smile:" in render(report, color=True)


def harmless(text):
    """Line ends of ours, and what a terminal prints: nothing else."""
    return all(char == "\n" or char.isprintable() for char in text)


@pytest.mark.parametrize("blank", "\u2800\u3164\uffa0\u115f")
def test_nobody_draws_a_border_of_their_own(blank):
    drawn = "────── border: from here on, recorded by the receiving side ──────".replace(" ", blank)
    report = reports.provider_chain()
    hops = list(report.path.hops)
    hops[0] = replace(hops[0], by=drawn, helo=drawn, client_name=drawn, protocol=drawn)
    text = render(replace(report, path=replace(report.path, hops=tuple(hops))), explain_hops=True)
    assert text.count("── border") == 1
    assert f"border:{blank}" not in text


def test_nothing_hostile_reaches_the_terminal():
    text = render(reports.hostile(), verbose=True)
    assert harmless(text)
    assert "\\x1b[31m" in text
    assert "\\u202e" in text
    assert harmless(SGR.sub("", render(reports.hostile(), verbose=True, color=True)))


HOSTILE_CHARS = "".join(map(chr, [*range(0x20), 0x5B, 0x5C, *range(0x7F, 0xA1), 0xAD, 0x61C]))
HOSTILE_CHARS += "\u200b\u200e\u2028\u2029\u202a\u202e\u2066\u2069\ufeff\U000e0001\ud800\udce9[]安a "


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from(HOSTILE_CHARS) | st.characters(), max_size=40), st.sampled_from([40, 80, 200]))
def test_no_hostile_character_of_any_field_is_printed(text, width):
    printed = render(reports.hostile(text), width=width, verbose=True)
    assert harmless(printed)
    printed.encode("utf-8")


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        (
            {"verified": False, "common_name": "a.example", "issuer": "Example CA"},
            'its own, in the name of "a.example", issued, as it says, by "Example CA"; that server did not verify it.',
        ),
        ({"verified": True}, "The sending side showed a certificate of its own; that server verified its issuer."),
        (
            {"verified": None, "raw_public_key": "2E:1A"},
            "The sending side showed a raw public key, fingerprint 2E:1A; the field does not say whether it was",
        ),
        ({"presented": False}, "The sending side showed no certificate of its own, as is usual."),
    ],
)
def test_the_client_s_certificate_is_never_the_receiver_s(certificate, words):
    fields = dict.fromkeys(("verified", "common_name", "issuer", "raw_public_key")) | {"presented": True} | certificate
    info = replace(reports.tls(), client_certificate=ClientCertificate(**fields))
    report = reports.authentic()
    hops = tuple(replace(hop, transport=reports.transport(info=info)) for hop in report.path.hops)
    text = render(replace(report, path=replace(report.path, hops=hops)), verbose=True, width=200)
    assert words in " ".join(text.split())
    assert "certificate" not in render(replace(report, path=replace(report.path, hops=hops)), width=200)


@pytest.mark.parametrize(("profile", "verbose"), [("default", True), ("hipaa", True), ("hipaa", False)])
def test_the_policy_is_shown_where_it_was_chosen_and_with_v(profile, verbose):
    report = reports.authentic(transport_policy=reports.policy(profile=profile))
    text = " ".join(render(report, verbose=verbose).split())
    assert f"Policy {report.transport_policy.summary}" in text
    assert (
        f"Hop 1: mx.example.net recorded TLSv1.3 with TLS_AES_256_GCM_SHA384 ({report.transport_policy.source})."
        in text
    )
    assert "No header shows whether the sending side checked the receiver's certificate" in text


def test_the_default_policy_is_everybody_s_and_not_shown():
    assert "Policy " not in render(reports.authentic())


def stamped_text(**options):
    return " ".join(render(reports.stamped(), **options).split())


def test_only_what_the_receiver_stamped_is_explained_without_verbose():
    text = stamped_text()
    assert text.count("example.com: pass then, permerror now.") == 1
    assert "It follows from the key." not in text
    assert "Not shown." not in text
    assert "as mx.example.org claims" not in text
    assert "ARC: the message was changed after set 1 (lists.example.org) was sealed and before set 2" in text


def test_verbose_explains_claims_and_what_follows_too():
    text = stamped_text(verbose=True)
    assert "example.com: pass then as mx.example.org claims, permerror now." in text
    assert "It follows from the key." in text
    assert "Not shown." not in text


def test_a_difference_that_is_stamped_twice_is_said_once():
    report = reports.stamped()
    differences = report.authentication.differences[:1] * 3
    report = replace(report, authentication=replace(report.authentication, differences=differences))
    assert render(report).count("permerror now.") == 1


def test_a_sealers_claim_is_shown_where_dmarc_does_not_pass():
    report = reports.stamped()
    assert "That counts only if you trust" in " ".join(render(report).split())
    passing = replace(report.authentication, dmarc=reports.dmarc())
    assert "in a seal that verifies" not in " ".join(render(replace(report, authentication=passing)).split())


def test_what_a_gateway_put_aside_is_shown_as_such():
    report = reports.authentic()
    claim = replace(
        reports.stamp(reports.claim("dmarc", "pass"), standing=Standing.CLAIMED),
        name="Authentication-Results-Original",
    )
    report = replace(report, authentication=replace(report.authentication, claims=(claim,)))
    text = " ".join(render(report).split())
    assert "claimed by mx.example.net, put aside as Authentication-Results-Original, not trusted: dmarc=pass" in text


@pytest.mark.parametrize(
    ("problem", "change", "words"),
    [
        ("message-signature", {"message_problem": "key-missing"}, "2 sets: message signature (key missing)"),
        ("seal", {"seal_problem": "key-revoked"}, "2 sets: seal (key revoked)"),
        ("structure", {}, "2 sets: structure"),
    ],
)
def test_why_an_arc_chain_fails_is_said_in_the_table(problem, change, words):
    report = reports.stamped()
    older, newest = report.authentication.arc.sets
    arc = replace(report.authentication.arc, problem=problem, sets=(older, replace(newest, **change)))
    text = " ".join(render(replace(report, authentication=replace(report.authentication, arc=arc)), width=160).split())
    assert words in text
    assert "structure (" not in text


def test_dkim2_is_shown_as_not_checked_and_as_malformed_where_it_is():
    report = reports.stamped()
    assert "not checked: a draft" in render(report, width=120)
    chain = replace(report.authentication.dkim2, status=DKIM2Status.MALFORMED, problem="DKIM2-Signature 2 is missing")
    text = render(replace(report, authentication=replace(report.authentication, dkim2=chain)), width=120, verbose=True)
    assert "DKIM2, malformed: DKIM2-Signature 2 is missing" in text
    assert "verified" not in text.split("DKIM2, malformed")[1].split("\n\n")[0]
