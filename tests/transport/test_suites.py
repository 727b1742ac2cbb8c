"""Real Received fields: labelled by hand, parsed by others, and stamped by the providers that wrote them."""

import json
import re
from collections import Counter

import pytest

from mailtrace.message import parse
from mailtrace.path import rebuild
from mailtrace.results import Security
from mailtrace.transport import assess
from mailtrace.transport.ciphers import is_tls13
from mailtrace.transport.tls import canonical_version, read_field

pytestmark = pytest.mark.suite

SECURITY = {
    "yes": Security.ENCRYPTED,
    "no": Security.CLEARTEXT,
    "unknown": Security.UNRECORDED,
    "n/a": Security.LOCAL,
}


def transport_of(value):
    """Assess one field as the only hop of a message."""
    return assess(path_of(value)).hops[0]


def only_hop(value):
    return path_of(value).hops[0]


def path_of(value):
    folded = re.sub(r"\r?\n[ \t]*", "\r\n\t", value.strip())
    raw = b"Received: " + folded.encode("utf-8", "surrogateescape") + b"\r\nFrom: ann@example.com\r\n\r\n"
    return rebuild(parse(raw), ())


@pytest.fixture(scope="module")
def labelled(suites):
    text = (suites / "received/labelled.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    return [(row, transport_of(row["raw"])) for row in rows]


def expected_version(row):
    """Return the labelled version as we spell it; a TLS 1.3 suite implies it where the label has none."""
    version = canonical_version(row["tls_version"])
    return "TLSv1.3" if version is None and is_tls13(row["tls_cipher"] or "") else version


def test_labelled_security(labelled):
    wrong = [
        (row["n"], row["tls"], str(found.security)) for row, found in labelled if SECURITY[row["tls"]] != found.security
    ]
    assert len(wrong) <= 0.02 * len(labelled), wrong


def test_no_labelled_cleartext_is_called_encrypted_and_no_encryption_cleartext(labelled):
    pairs = Counter((row["tls"], str(found.security)) for row, found in labelled)
    assert pairs["no", "encrypted"] == 0
    assert pairs["yes", "cleartext"] == 0
    assert pairs["unknown", "encrypted"] == 0
    assert pairs["n/a", "encrypted"] == 0


def test_no_cleartext_is_surer_than_its_label(labelled):
    """How sure a server can be that there was no TLS, as the labels have it; two of them are a matter of opinion."""
    order = ("low", "medium", "high")
    rows = [row for row, found in labelled if row["tls"] == "no" and found.security is Security.CLEARTEXT]
    surer = [row["n"] for row in rows if order.index(certainty(row["raw"])) > order.index(row["tls_confidence"])]
    assert len(rows) > 30
    assert len(surer) <= 2, surer


def certainty(value):
    return str(read_field(only_hop(value)).confidence)


def test_labelled_tls_parameters(labelled):
    stated = [(row, found.tls) for row, found in labelled if row["tls"] == "yes"]
    wrong = [
        (row["n"], tls)
        for row, tls in stated
        if tls is None or (tls.version, tls.cipher) != (expected_version(row), row["tls_cipher"])
    ]
    assert len(stated) > 100
    assert wrong == []


def test_every_labelled_suite_has_its_registered_name(labelled):
    """But for the two that name none: a bulk cipher alone, and Gmail's OTHER of 2011."""
    nameless = {tls.cipher for _, found in labelled if (tls := found.tls) and tls.cipher and not tls.cipher_iana}
    assert nameless <= {"AES-256-GCM", "OTHER"}


def test_labelled_authentication(labelled):
    """True is never missed and never invented; "cannot tell" may be told apart from "no" in another way."""
    wrong = [
        (row["n"], row["auth"], found.authenticated_submission)
        for row, found in labelled
        if (row["auth"] is True) != (found.authenticated_submission is True)
    ]
    assert len(wrong) <= 0.02 * len(labelled), wrong


def test_stalwart_tls(suites):
    """Its golden file takes the cipher family `TLSv1/SSLv3` for TLS 1.0, and drops `OTHER`; we do neither."""
    rows = json.loads((suites / "received/stalwart-received.json").read_text("utf-8"))
    stated = [row for row in rows if row["expected"].get("tls_cipher") and "TLSv1/SSLv3" not in row["header"]]
    wrong = []
    for row in stated:
        expected = row["expected"].get("tls_version"), row["expected"]["tls_cipher"]
        tls = transport_of(row["header"]).tls
        if tls is None or (tls.version, tls.cipher) != (
            canonical_version((expected[0] or "").replace("v1_", "v1.")),
            expected[1],
        ):
            wrong.append((row["header"], tls))
    assert len(stated) >= 6
    assert wrong == []


def test_receivers_stamp_tls_at_the_boundary(suites):
    folder = suites / "receiver-stamped"
    facts = [json.loads(line) for line in (folder / "facts.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in facts if row.get("boundary")]
    wrong = [(row["file"], stated(row), found) for row in rows if (found := at_boundary(folder, row)) != stated(row)]
    assert len(rows) > 100
    assert len(wrong) <= 0.01 * len(rows), wrong


def stated(row):
    return canonical_version(row["boundary"]["tls"]), row["boundary"]["cipher"]


def at_boundary(folder, row):
    path = rebuild(parse((folder / row["file"]).read_bytes()), ())
    fields = {hop.field: transport for hop, transport in zip(path.hops, assess(path).hops, strict=True)}
    transport = fields[row["boundary"]["received_index_from_top"]]
    if transport.tls is None:
        return (None, None) if transport.security is Security.CLEARTEXT else (str(transport.security), None)
    return transport.tls.version, transport.tls.cipher
