"""The decision table: what one field says, in the order in which its parts count."""

from datetime import UTC, datetime

import pytest

from mailtrace.path.types import HopKind, Silence
from mailtrace.results import Confidence, Security, TLSBasis
from mailtrace.transport.tls import keyword, read_field
from tests.transport.build import hop, received

STRONG = "using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"
HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW


@pytest.mark.parametrize(
    "word",
    [
        "ESMTPS",
        "ESMTPSA",
        "SMTPS",
        "SMTPs",
        "LMTPS",
        "LMTPSA",
        "UTF8SMTPS",
        "UTF8SMTPSA",
        "UTF8LMTPS",
        "UTF8LMTPSA",
        "esmtps",
        "utf8esmtps",
        "utf8esmtpsa",
        "local-esmtps",
        "essmtp",
        "essmtpa",
        "ssmtp",
        "utf8essmtpa",
        "HTTPS",
    ],
)
def test_rfc3848_keyword_says_encrypted(word):
    reading = read_field(hop(protocol=word, with_text=word))
    assert reading.security is Security.ENCRYPTED
    assert reading.tls.basis is TLSBasis.KEYWORD
    assert (reading.tls.version, reading.tls.cipher, reading.tls.forward_secrecy) == (None, None, None)


@pytest.mark.parametrize(
    "word",
    ["SMTP", "ESMTP", "ESMTPA", "LMTP", "LMTPA", "UTF8SMTP", "UTF8LMTP", "utf8esmtp", "local-esmtp", "Esmtp"],
)
def test_a_plain_keyword_of_a_recording_writer_is_cleartext(word):
    reading = read_field(hop(software="Sendmail", protocol=word, with_text=word))
    assert (reading.security, reading.tls, reading.confidence) == (Security.CLEARTEXT, None, HIGH)


@pytest.mark.parametrize(
    ("fields", "confidence"),
    [
        ({}, HIGH),
        ({"protocol": "SMTP"}, MEDIUM),
        ({"protocol": "SMTP", "software": "Sendmail"}, HIGH),
        ({"protocol": "asmtp", "software": "Exim"}, MEDIUM),
        ({"received_at": datetime(2004, 1, 1, tzinfo=UTC)}, MEDIUM),
    ],
)
def test_rfc3848_knows_no_word_for_a_client_that_says_helo(fields, confidence):
    reading = read_field(hop(**fields))
    assert (reading.security, reading.confidence) == (Security.CLEARTEXT, confidence)


@pytest.mark.parametrize(("via", "expected"), [("SSL", "encrypted"), ("tls", "encrypted"), ("TCP", "cleartext")])
def test_what_it_came_through(via, expected):
    reading = read_field(hop(via=via))
    assert reading.security == expected
    assert reading.tls is None or reading.tls.basis is TLSBasis.KEYWORD


@pytest.mark.parametrize(
    "words", ["Microsoft SMTPSVC(6.0.3790.0)", "Microsoft SMTPSVC", "Microsoft SMTP Server", "MailEnable ESMTPA"]
)
def test_microsoft_smtpsvc_is_not_smtps(words):
    """trap: /SMTPS/ matches SMTPSVC, which is cleartext."""
    assert read_field(hop(protocol=words, with_text=words)).security is Security.CLEARTEXT
    assert read_field(hop(protocol=words.split()[0], with_text=words)).security is Security.CLEARTEXT


@pytest.mark.parametrize(
    "word", ["HTTP", "HTTPREST", "HTTPU", "POP3", "IMAP", "NNFMP", "bizsmtp", "QMQP", "X-ESMTPS", None]
)
def test_other_protocols_say_nothing(word):
    assert read_field(hop(protocol=word, with_text=word)).security is Security.UNRECORDED


@pytest.mark.parametrize("software", ["Postfix", None])
def test_words_of_tls_that_are_not_understood_are_no_silence(software):
    """What cannot be read is not absent: a server that has said something of TLS is not said to have recorded none."""
    found = read_field(hop(software=software, comments=("X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no",)))
    assert (found.security, found.tls) == (Security.UNRECORDED, None)
    assert read_field(hop(software=software, with_text="ESMTP over TLSv1.2")).security is Security.UNRECORDED


def test_a_hand_over_by_http_of_unknown_software_may_have_crossed_a_network():
    """A provider's own field is known to be one of its hand-overs; whose client a web server does not name, nobody is."""
    nameless = {"protocol": "HTTP", "client_ip": None, "client_name": None, "text": "by web.example.com with HTTP"}
    unknown = hop(kind=HopKind.HTTP, software=None, silence=Silence.LIKELY_CLEARTEXT, **nameless)
    assert read_field(unknown).security is Security.UNRECORDED
    known = hop(kind=HopKind.HTTP, software="Gmail", silence=Silence.UNRECORDED, **nameless)
    assert read_field(known).security is Security.LOCAL


def test_the_comment_outranks_the_keyword():
    reading = read_field(hop(protocol="ESMTP", comments=("version=TLSv1.2 cipher=AES128-SHA bits=128 verify=NO",)))
    assert (reading.security, reading.tls.basis, reading.tls.version) == (
        Security.ENCRYPTED,
        TLSBasis.COMMENT,
        "TLSv1.2",
    )
    assert reading.tls.forward_secrecy is False


def test_rfc8314_4_3_the_clause_and_its_comment_are_one_statement():
    reading = read_field(hop(protocol="esmtps", tls_clause="TLS_AES_256_GCM_SHA384", comments=("TLS1.3", "Exim 4.98")))
    tls = reading.tls
    assert (tls.basis, tls.version, tls.cipher) == (TLSBasis.CLAUSE, "TLSv1.3", "TLS_AES_256_GCM_SHA384")


def test_rfc8314_4_3_the_clause_alone_implies_tls_1_3_only_for_its_suites():
    with_13 = read_field(hop(tls_clause="TLS_AES_128_GCM_SHA256")).tls
    with_12 = read_field(hop(tls_clause="TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")).tls
    assert (with_13.version, with_12.version) == ("TLSv1.3", None)


def test_what_the_server_adds_comes_after_what_the_client_smuggles_in():
    comments = ("using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384", "using TLSv1 with cipher RC4-SHA (128/128 bits)")
    tls = read_field(hop(comments=comments)).tls
    assert (tls.version, tls.cipher) == ("TLSv1", "RC4-SHA")


def test_google_transport_security_has_no_tls_version():
    tls = read_field(hop(protocol="SMTPS", comments=("Google Transport Security",))).tls
    assert (tls.version, tls.cipher, tls.basis) == (None, None, TLSBasis.COMMENT)
    assert tls.protocol == "Google Transport Security"


@pytest.mark.parametrize("clause", [None, "secured"])
def test_smtpsvc_over_a_secured_channel(clause):
    text = "from a.example ([192.0.2.1]) by mx.example.com over TLS secured channel with Microsoft SMTPSVC(6.0)"
    secured = hop(text=text, protocol="Microsoft", with_text="Microsoft SMTPSVC(6.0)", tls_clause=clause)
    tls = read_field(secured).tls
    assert (tls.cipher, tls.basis) == (None, TLSBasis.COMMENT)


def test_a_clause_that_names_no_suite_says_tls_and_no_more():
    tls = read_field(hop(tls_clause="yes")).tls
    assert (tls.cipher, tls.version, tls.basis) == (None, None, TLSBasis.CLAUSE)


def test_a_helo_cannot_claim_the_secured_channel():
    text = "from by mx.example.com over TLS secured channel ([192.0.2.1]) by mx.example.com with Microsoft SMTPSVC(6.0)"
    assert read_field(hop(text=text, with_text="Microsoft SMTPSVC(6.0)")).security is Security.CLEARTEXT


@pytest.mark.parametrize(
    ("comment", "verified"),
    [
        ('Client CN "a.example", Issuer "CA" (verified OK)', True),
        ('Client CN "a.example", Issuer "CA" (not verified)', False),
        ("No client certificate requested", None),
    ],
)
def test_the_clients_certificate(comment, verified):
    comments = ("using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)", comment)
    assert read_field(hop(protocol="ESMTPS", comments=comments)).tls.peer_verified is verified


def test_everything_that_postfix_states_of_a_connection():
    words = " key-exchange ECDHE (P-384) server-signature RSA-PSS (2048 bits) client-signature ECDSA (P-256)"
    client = 'Client CN "a.example", Issuer "Example CA" (verified OK)'
    tls = read_field(hop(protocol="ESMTPS", comments=(STRONG + words, client))).tls
    assert (tls.cipher_iana, tls.key_exchange) == ("TLS_AES_256_GCM_SHA384", "P-384")
    assert tls.server_signature == "RSA-PSS (2048 bits)"
    client = tls.client_certificate
    assert (client.presented, client.verified, client.common_name) == (True, True, "a.example")
    assert tls.peer_verified is client.verified


@pytest.mark.parametrize(
    ("comment", "exchange", "signature"),
    [
        ("version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384_P384", "P-384", None),
        ("version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", None, None),
        (
            "TLS1.3:ECDHE_SECP256R1__RSA_PSS_RSAE_SHA256__AES_256_GCM:256",
            "P-256",
            "RSA_PSS_RSAE_SHA256",
        ),
        ("TLS1.2:ECDHE_X25519__RSA_SHA256__AES_128_GCM:128", "X25519", "RSA_SHA256"),
        ("TLS1.2:DHE_FFDHE3072__RSA_SHA256__AES_256_GCM:256", "ffdhe3072", "RSA_SHA256"),
        ("TLS1.2:ECDHE_RSA_AES_256_GCM_SHA384:256", None, None),
        ("TLS1.2:RSA__AES_128_GCM:128", None, None),
    ],
)
def test_the_key_exchange_in_a_cipher_s_name(comment, exchange, signature):
    tls = read_field(hop(protocol="ESMTPS", comments=(comment,))).tls
    assert (tls.key_exchange, tls.server_signature) == (exchange, signature)


@pytest.mark.parametrize(
    ("software", "word", "presented"),
    [
        ("Sendmail", "FAIL", True),
        ("Sendmail", "NO", False),
        ("Haraka", "FAIL", None),
        ("Haraka", "NO", None),
        ("Haraka", "OK", True),
    ],
)
def test_haraka_fails_a_client_that_showed_no_certificate(software, word, presented):
    comment = f"version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 verify={word}"
    client = read_field(hop(software=software, comments=(comment,))).tls.client_certificate
    assert (client.presented if client else None) is presented


def test_explicit_plain_text_is_cleartext_even_if_silence_would_mean_nothing():
    plain = hop(silence=Silence.UNRECORDED, comments=("over SMTP, plain text!, envelope from x@example.com",))
    assert read_field(plain).security is Security.CLEARTEXT


@pytest.mark.parametrize(
    "local",
    [
        hop(kind=HopKind.LOCAL, protocol="local", client_ip=None),
        hop(kind=HopKind.LOOPBACK),
        hop(kind=HopKind.LIST, protocol=None),
        hop(kind=HopKind.INTERNAL, software="Gmail", text="by a.example with SMTP", client_ip=None, client_name=None),
        hop(kind=HopKind.INTERNAL, software=None, protocol=None, client_ip=None, client_name=None),
        hop(
            kind=HopKind.HTTP,
            software="Gmail",
            text="by 2001:db8::1 with HTTP",
            protocol="HTTP",
            client_ip=None,
            client_name=None,
        ),
        hop(kind=HopKind.INTERNAL, protocol="mapi", client_ip="fe80::1"),
        hop(client_ip=None, client_name=None, helo="localhost"),
        hop(client_ip="127.0.0.1"),
        hop(client_ip="127.0.0.6"),
        hop(client_ip="::1"),
        hop(client_ip="::ffff:127.0.0.1"),
        hop(kind=HopKind.LMTP, protocol="LMTP", client_ip=None),
    ],
    ids=[
        "pickup",
        "filter",
        "list",
        "hand-over",
        "hand-over-by-id",
        "web-mail-of-the-provider",
        "mapi",
        "program",
        "loopback",
        "side-car",
        "loopback-6",
        "mapped",
        "socket",
    ],
)
def test_nothing_crossed_a_network(local):
    assert read_field(local).security is Security.LOCAL


def test_rfc2033_lmtp_from_an_address_crossed_a_network():
    assert read_field(hop(kind=HopKind.LMTP, protocol="LMTP", client_ip="192.0.2.1")).security is Security.CLEARTEXT


def test_a_hand_over_inside_a_provider_from_an_address_crossed_its_network():
    inside = hop(kind=HopKind.INTERNAL, protocol="HTTP", client_ip="192.0.2.1")
    assert read_field(inside).security is Security.UNRECORDED


@pytest.mark.parametrize(
    "hidden",
    [
        hop(kind=HopKind.INTERNAL, authenticated=True, protocol="ESMTPA", client_ip=None, client_name=None),
        hop(kind=HopKind.INTERNAL, software=None, client_ip=None, client_name=None),
        hop(software=None, silence=Silence.LIKELY_CLEARTEXT, client_ip=None, client_name=None, helo="a.example"),
        hop(
            kind=HopKind.HTTP,
            protocol="HTTP",
            text="from <unknown> (<unknown> []) by mx.example.com with HTTP",
            client_ip=None,
            client_name=None,
        ),
        hop(
            kind=HopKind.SUBMISSION,
            authenticated=True,
            client_ip=None,
            client_name=None,
            helo="localhost",
            software=None,
            silence=Silence.LIKELY_CLEARTEXT,
        ),
    ],
    ids=["login", "unknown-software", "no-address", "from-unknown", "a-client-that-says-localhost"],
)
def test_a_field_that_names_no_peer_shows_nothing(hidden):
    assert read_field(hidden).security is Security.UNRECORDED


def test_a_pickup_has_no_address():
    """trap: `with LOCAL` from a public address is a spammer's template."""
    assert read_field(hop(kind=HopKind.LOCAL, protocol="LOCAL", client_ip="192.0.2.1")).security is Security.UNRECORDED


def test_encryption_on_loopback_stays_encrypted():
    assert read_field(hop(protocol="ESMTPS", client_ip="127.0.0.2")).security is Security.ENCRYPTED


def test_absent_and_unrecorded_are_two_things():
    assert read_field(hop(silence=Silence.UNRECORDED)).security is Security.UNRECORDED
    assert read_field(hop(silence=Silence.CLEARTEXT)).security is Security.CLEARTEXT


@pytest.mark.parametrize(
    ("software", "year", "confidence"),
    [("Axigen", 2023, MEDIUM), (None, 2023, LOW), ("Axigen", 2004, LOW), ("Axigen", None, MEDIUM)],
)
def test_silence_that_is_likely_cleartext(software, year, confidence):
    time = datetime(year, 1, 1, tzinfo=UTC) if year else None
    reading = read_field(hop(silence=Silence.LIKELY_CLEARTEXT, software=software, received_at=time))
    assert (reading.security, reading.confidence) == (Security.CLEARTEXT, confidence)


@pytest.mark.parametrize(
    ("protocol", "with_text", "word"),
    [
        ("UTF8SMTPSA", "UTF8SMTPSA", "smtpsa"),
        ("local-esmtps", None, "esmtps"),
        ("MailEnable", "MailEnable ESMTPA", "esmtpa"),
        (None, None, None),
    ],
)
def test_keyword(protocol, with_text, word):
    assert keyword(received(protocol=protocol, with_text=with_text)) == word
