"""Every form in which a server states TLS, and the texts that only look like one."""

import pathlib
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.transport import statements
from mailtrace.transport.certificates import from_comment
from mailtrace.transport.statements import hints_at_tls, read_comment, read_with, says_plain
from mailtrace.transport.tls import canonical_version

CORPUS = pathlib.Path(__file__).parents[1] / "corpus/transport"
CASES = tomllib.loads((CORPUS / "statements.toml").read_text())["case"]
CLIENTS = tomllib.loads((CORPUS / "clients.toml").read_text())["case"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_comment(case):
    found = read_comment(case["comment"])
    if case.get("none"):
        assert found is None
        return
    assert found is not None
    stated = (canonical_version(found.version), found.cipher, found.bits, found.key_exchange, found.server_signature)
    assert stated == tuple(case.get(key) for key in ("version", "cipher", "bits", "key_exchange", "server_signature"))
    client = found.client
    shown = (client.presented, client.verified, client.common_name) if client else (None, None, None)
    assert shown == tuple(case.get(key) for key in ("presented", "verified", "common_name"))


@pytest.mark.parametrize(
    ("words", "cipher"),
    [
        ("ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"),
        ("ECDHE-RSA-AES256-GCM-SHA384 encrypted SMTP", "ECDHE-RSA-AES256-GCM-SHA384"),
        ("ESMTP with STARTTLS", None),
        ("ESMTP with TLS", None),
        ("ESMTP-TLS", None),
    ],
)
def test_with_words_that_state_tls(words, cipher):
    found = read_with(words)
    assert found is not None
    assert found.cipher == cipher


@pytest.mark.parametrize(
    "words", ["ESMTP", "SMTP", "Microsoft SMTP Server", "Microsoft SMTPSVC(6.0.3790.0)", "ESMTP-TLSX", ""]
)
def test_with_words_that_do_not(words):
    assert read_with(words) is None


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("TLSv1.3", "TLSv1.3"),
        ("TLS1_3", "TLSv1.3"),
        ("TLS1.2", "TLSv1.2"),
        ("TLS-1.1", "TLSv1.1"),
        ("TLSv1", "TLSv1"),
        ("TLS1", "TLSv1"),
        ("TLS-1.0", "TLSv1"),
        ("TLSv1.0", "TLSv1"),
        ("SSLv3", "SSLv3"),
        ("SSLv2", "SSLv2"),
        ("TLS12", "TLSv1.2"),
        ("Tls13", "TLSv1.3"),
        ("TLSv1/SSLv3", None),
        ("TLSv14", None),
        ("TLSv1.4", None),
        ("TLSv2", None),
        ("TLS", None),
        ("", None),
        (None, None),
    ],
)
def test_version_spellings(text, version):
    assert canonical_version(text) == version


@pytest.mark.parametrize("case", CLIENTS, ids=lambda case: case["id"])
def test_the_client_s_certificate(case):
    found = from_comment(case["comment"])
    if case.get("none"):
        assert found is None
        return
    names = ("presented", "verified", "common_name", "issuer", "raw_public_key")
    assert tuple(getattr(found, name) for name in names) == tuple(case.get(name) for name in names)


@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from(["(verified OK)", "(not verified)", ""]))
def test_no_name_a_client_gives_itself_can_verify_it(name, issuer, verdict):
    found = from_comment(f'Client CN "{name}", Issuer "{issuer}" {verdict}')
    expected = {"(verified OK)": True, "(not verified)": False, "": None}[verdict]
    assert found is not None
    assert (found.presented, found.verified) == (True, expected)
    assert found.common_name is None or len(found.common_name) <= 128


@pytest.mark.parametrize(
    "text",
    [
        "X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no",
        "Encrypted by TLSv1.2",
        "SSL 3.0, RC4",
        "cipher AES256-SHA",
        "connection encrypted",
    ],
)
def test_words_of_tls_in_no_form_that_is_known(text):
    assert read_comment(text) is None
    assert hints_at_tls(text)


@pytest.mark.parametrize(
    "text",
    [
        "no TLS1.2",
        "not encrypted",
        "unencrypted",
        "Postfix/TLS",
        "Exim 4.98",
        "envelope-from <tls1.3@example.com>",
        "Authenticated sender: tls1.3@example.com",
        'Client CN "cipher", Issuer "TLS1.3" (not verified)',
        "ORCPT <rfc822;tls1.3@example.com>",
        "account tls1.3",
        "",
    ],
)
def test_no_words_of_tls_or_those_of_a_client(text):
    assert not hints_at_tls(text)


def test_explicit_plain_text():
    assert says_plain('over SMTP, plain text!, envelope from "ann@example.com"')
    assert says_plain("NOT encrypted")
    assert not says_plain('envelope from "plain text!@example.com"')


def test_a_version_alone_is_read_as_its_pattern_reads_it():
    for version in sorted(statements._VERSIONS_ALONE):
        match = statements._matched(version, statements._FORMS)
        assert read_comment(version) == statements._statement(match.groupdict(), version[match.end() :])


@given(st.text(max_size=300) | st.text(alphabet="TLSv1.3:-_ ,()=usingcrypted/0", max_size=300))
def test_any_comment_is_read_without_complaint(comment):
    found = read_comment(comment)
    assert found is None or found.bits is None or found.bits > 0


@pytest.mark.parametrize(
    "unit", ["TLS", "version=", "cipher=a", "A-", "TLSv1 ", "AUTH: , TLS: ", "using TLS with cipher ", " "]
)
def test_hostile_length_is_read_to_the_end(unit):
    """The work is bounded by the cut, whatever stands in the comment."""
    read_comment(unit * 200_000)
    read_with(unit * 200_000)
    from_comment("Client CN " + unit * 200_000)
    from_comment("Client RPK " + unit * 200_000)
