"""Helpers for the tests of the autopsy; what is proved is verified again by another implementation."""

import re

from dkim import DKIM, DKIMException

from mailtrace.auth.autopsy.budget import Budget
from mailtrace.auth.autopsy.examiner import examine
from mailtrace.auth.dkim_body import BodyHashes
from mailtrace.auth.dkim_header import FieldIndex
from mailtrace.auth.dkim_verify import evaluate
from mailtrace.message import parse
from tests.auth.dkim_signing import BODY, FIELDS, record, signature, zone


def autopsies(raw, dns=None, **limits):
    mail = parse(raw)
    evaluations = evaluate(
        mail,
        FieldIndex(mail.fields),
        dns=dns or zone(),
        keys=None,
        received_at=None,
        hashes=BodyHashes(mail.body),
    )
    return examine(mail, evaluations, None, Budget(**limits))


def autopsy(raw, dns=None, *, index=0, by="rsa", **limits):
    """Return the autopsy of one signature. A proof is checked by dkimpy on the repaired octets, every time."""
    found = autopsies(raw, dns or zone(record(by)), **limits)[index]
    assert (found.repaired is not None) == (found.outcome == "proved")
    if found.repaired is not None:
        assert dkimpy_verifies(octets_of(found.repaired), index, by)
    return found


def octets_of(mail):
    return b"".join(field.raw for field in mail.fields) + b"\r\n" + b"".join(mail.body.chunks())


def dkimpy_verifies(octets, index=0, by="rsa"):
    if by == "ed25519":
        return signer_agrees(octets, index, by)  # dkimpy needs another library for Ed25519
    try:
        return DKIM(_without_blanks_at_the_end(octets)).verify(index, dnsfunc=lambda *_, **__: record(by).encode())
    except DKIMException:
        return False


def _without_blanks_at_the_end(octets):
    """Take away what a relaxed body is signed without, RFC 6376 §3.4.4; dkimpy keeps it where the last line has no end."""
    (own, *_) = re.findall(rb"(?im)^dkim-signature:(?:.*\r\n)(?:[ \t].*\r\n)*", octets)
    is_relaxed = re.search(rb"c\s*=\s*\w+/relaxed", own)
    return octets.rstrip(b" \t") if is_relaxed else octets


def signer_agrees(octets, index, by):
    """Sign the message again with what the signature says of itself: Ed25519 gives the same octets."""
    header, _, body = octets.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", header)
    own = [field for field in fields if field.lower().startswith(b"dkim-signature:")][index]
    others = [field + b"\r\n" for field in fields if field is not own]
    tags = dict(re.findall(r"(\w+)=([^;]*)", own.decode().partition(":")[2]))
    kept = {name: tags[name].strip() for name in tags if name not in ("v", "bh", "b", "l")}
    return b"".join(signature(others, body, by=by, **kept).split()) == b"".join(own.split())


def mail(fields=FIELDS, body=BODY, *, now_fields=None, now_body=None, **tags):
    """Sign one message, and put the signature on another."""
    signed = signature(fields, body, **tags)
    now = fields if now_fields is None else now_fields
    return signed + b"".join(now) + b"\r\n" + (body if now_body is None else now_body)


def told(found):
    """Return the outcome and the kinds of the steps."""
    steps = found.alteration.steps if found.alteration else ()
    return str(found.outcome), [each.kind for each in steps]
