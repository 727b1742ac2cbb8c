"""What SMTP saw at the border (RFC 7208 §4.1), and who says so."""

import json

import pytest

from mailtrace.auth.claims import check_claims
from mailtrace.auth.session import session_findings, session_of, spf_client
from mailtrace.auth.types import Session, Source
from mailtrace.message import parse
from mailtrace.path import rebuild
from tests.auth.hand_built_path import path_of

BORDER = "Received: from out.example.com ([192.0.2.7]) by mx.example.net with ESMTPS id 1"
RETURN_PATH = "Return-Path: <bounce@example.com>"
FROM = "From: ann@author.example"


def session(*fields, given=None, border=0, **facts):
    message = parse(("\r\n".join(fields) + "\r\n\r\nHello.\r\n").encode())
    path = path_of(message, border=border, by="mx.example.net", **facts)
    return session_of(message, path, given, check_claims(message, path).claims)


def findings(*fields, given=None, border=0, **facts):
    message = parse(("\r\n".join(fields) + "\r\n\r\nHello.\r\n").encode())
    path = path_of(message, border=border, by="mx.example.net", **facts)
    claims = check_claims(message, path).claims
    found = session_findings(message, path, session_of(message, path, given, claims), claims)
    return [finding.code for finding in found]


def test_rfc7208_4_1_identities_of_the_border():
    found = session(RETURN_PATH, BORDER, FROM, client_ip="192.0.2.7", helo="out.example.com")
    assert found == Session(
        client_ip="192.0.2.7",
        client_ip_source=Source.RECEIVED,
        helo="out.example.com",
        helo_source=Source.RECEIVED,
        mail_from="bounce@example.com",
        mail_from_source=Source.RETURN_PATH,
    )


def test_nothing_is_known_without_a_border():
    assert session(BORDER, RETURN_PATH, FROM, border=None) == Session()


def test_given_values_win():
    given = Session(client_ip="[IPv6:2001:DB8::9]", helo="given.example", mail_from="<>")
    found = session(RETURN_PATH, BORDER, FROM, given=given, client_ip="192.0.2.7", helo="out.example.com")
    assert (found.client_ip, found.helo, found.mail_from) == ("2001:db8::9", "given.example", "<>")
    assert {found.client_ip_source, found.helo_source, found.mail_from_source} == {Source.GIVEN}


def test_given_values_stand_alone():
    found = session(FROM, given=Session(client_ip="192.0.2.9"), border=None)
    assert found == Session(client_ip="192.0.2.9", client_ip_source=Source.GIVEN)


SPF = (
    "Received-SPF: pass (mx.example.net: ok) client-ip=192.0.2.8; helo=stamp.example; "
    'envelope-from="stamped@example.com"'
)
ONLINE = "Authentication-Results: spf=pass (sender IP is 192.0.2.8) smtp.mailfrom=Example.com; dmarc=none"
OTHER_DOMAIN = ONLINE.replace("Example.com", "ample.com")


@pytest.mark.parametrize(
    ("fields", "facts", "expected"),
    [
        pytest.param((RETURN_PATH, BORDER), {}, ("bounce@example.com", "return-path"), id="rfc5321-4.4-on-top"),
        pytest.param(("Return-Path: <>", BORDER), {}, ("<>", "return-path"), id="rfc5321-4.5.5-null"),
        pytest.param(("Return-Path: < >", BORDER), {}, ("<>", "return-path"), id="null-with-a-blank"),
        pytest.param(("Return-Path: a@b.example", BORDER), {}, ("a@b.example", "return-path"), id="no-brackets"),
        pytest.param((BORDER, RETURN_PATH), {}, (None, None), id="below-the-border"),
        pytest.param((BORDER,), {"mail_from": "<a@b.example>"}, ("a@b.example", "received"), id="border-field"),
        pytest.param((BORDER,), {"mail_from": "<>"}, ("<>", "received"), id="border-field-null"),
        pytest.param((BORDER, RETURN_PATH), {"mail_from": "a@b.example"}, ("a@b.example", "received"), id="not-below"),
        pytest.param(
            (RETURN_PATH, BORDER),
            {"mail_from": "BOUNCE@example.com"},
            ("bounce@example.com", "return-path"),
            id="agree",
        ),
        pytest.param(
            (RETURN_PATH, BORDER), {"mail_from": "a@b.example"}, ("a@b.example", "received"), id="rewritten-inside"
        ),
        pytest.param((SPF, BORDER), {}, ("stamped@example.com", "received-spf"), id="trusted-received-spf"),
        pytest.param((BORDER, SPF), {}, (None, None), id="claimed-received-spf"),
        pytest.param((ONLINE, BORDER), {}, ("@Example.com", "received-spf"), id="a-domain-alone"),
        pytest.param(
            (ONLINE, BORDER, RETURN_PATH), {}, ("bounce@example.com", "return-path"), id="return-path-borne-out"
        ),
        pytest.param(
            (OTHER_DOMAIN, BORDER, RETURN_PATH), {}, ("@ample.com", "received-spf"), id="return-path-not-borne-out"
        ),
        pytest.param((BORDER, FROM), {}, (None, None), id="rfc7208-2.4-never-the-from-field"),
    ],
)
def test_mail_from(fields, facts, expected):
    found = session(*fields, **facts)
    assert (found.mail_from, found.mail_from_source) == expected


def test_client_and_helo_from_a_trusted_stamp_where_the_field_is_silent():
    found = session(SPF, BORDER, FROM)
    assert (found.client_ip, found.client_ip_source) == ("192.0.2.8", Source.RECEIVED_SPF)
    assert (found.helo, found.helo_source) == ("stamp.example", Source.RECEIVED_SPF)
    assert session(ONLINE, BORDER, FROM).client_ip == "192.0.2.8"
    assert session(BORDER, SPF, FROM).client_ip is None


def test_the_stamp_nearest_to_the_border_counts():
    inner = SPF.replace("192.0.2.8", "192.0.2.99")
    assert session(inner, SPF, BORDER, FROM).client_ip == "192.0.2.8"


def test_without_any_received_field_the_return_path_on_top_counts():
    assert session(RETURN_PATH, FROM, border=None).mail_from == "bounce@example.com"


@pytest.mark.parametrize(
    ("client_ip", "source", "expected"),
    [
        ("192.0.2.7", Source.RECEIVED, "192.0.2.7"),
        ("2001:db8::7", Source.RECEIVED_SPF, "2001:db8::7"),
        ("10.0.0.5", Source.RECEIVED, None),
        ("100.64.0.1", Source.RECEIVED, None),
        ("127.0.0.1", Source.RECEIVED, None),
        ("fe80::1", Source.RECEIVED, None),
        ("10.0.0.5", Source.GIVEN, "10.0.0.5"),
        (None, None, None),
    ],
)
def test_spf_is_not_judged_for_an_inner_address(client_ip, source, expected):
    assert spf_client(Session(client_ip=client_ip, client_ip_source=source)) == expected


@pytest.mark.parametrize("given", ["192.0.2.300", "localhost", "", "1" * 10_000])
def test_a_given_client_that_is_no_address_is_not_one(given):
    assert session(BORDER, given=Session(client_ip=given), client_ip="192.0.2.7").client_ip == "192.0.2.7"


def test_findings():
    assert findings(RETURN_PATH, BORDER, client_ip="192.0.2.7") == []
    assert findings(RETURN_PATH, BORDER, client_ip="10.1.1.1") == ["session-client-not-public"]
    assert findings(RETURN_PATH, SPF, BORDER, client_ip="192.0.2.7") == ["session-client-disputed"]
    assert findings(RETURN_PATH, SPF, BORDER, client_ip="192.0.2.8") == []
    assert findings(BORDER, RETURN_PATH, client_ip="192.0.2.7") == ["session-mail-from-unknown"]
    assert findings(BORDER, client_ip="10.1.1.1", given=Session(client_ip="10.1.1.1", mail_from="<>")) == []
    assert findings(FROM, border=None) == []


@pytest.mark.suite
def test_the_session_of_stamped_mails(suites):
    """Found blind in real mail: the receiver's stamps are trusted, and client, HELO and sender are those it judged."""
    folder = suites / "receiver-stamped"
    rows = [json.loads(line) for line in (folder / "facts.jsonl").read_text("utf-8").splitlines()]
    known = [row for row in rows if row.get("boundary")]
    differing = {what: [] for what in ("client", "helo", "mail from", "stamp")}
    for row in known:
        message = parse((folder / row["file"]).read_bytes())
        path = rebuild(message, ())
        claims = check_claims(message, path).claims
        found = session_of(message, path, None, claims)
        stamped = {
            claim.result
            for stamp in claims
            if stamp.standing == "trusted"
            for claim in stamp.results
            if claim.method == "dmarc"
        }
        differing["client"] += [row["file"]] * (found.client_ip != row["boundary"]["client_ip"])
        differing["helo"] += [row["file"]] * (found.helo != row["boundary"]["helo"])
        differing["stamp"] += [row["file"]] * (row["dmarc"] not in stamped)
        if row.get("spf"):
            domains = [
                name.lower().rpartition("@")[2] for name in (found.mail_from or "", row["spf"]["mailfrom"] or "")
            ]
            differing["mail from"] += [row["file"]] * (domains[0] != domains[1])
    assert len(known) == 358
    # One in a hundred may have a border that is not found blind.
    assert {what: files for what, files in differing.items() if len(files) > 0.01 * len(known)} == {}
