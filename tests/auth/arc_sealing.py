"""A sealer for the tests, written from RFC 8617 §5.1 alone."""

import base64
import hashlib

from mailtrace.message import parse
from tests.auth.dkim_signing import BODY, FIELDS, H, _field, _sign, key, signature


def message_signature(instance, fields, body, **more):
    """Return an ARC-Message-Signature: a DKIM-Signature of another name, `i=` the instance, without `v=`."""
    options = {"v": None, "i": instance, "h": H, "name": "ARC-Message-Signature", **more}
    return signature(fields, body, **options)


def seal(sets, instance, *, cv, by="rsa", d="example.com", s="s1", alone=False, **tags):
    """Seal `sets`, octets of all fields of all sets, oldest first, the new one without its seal."""
    a = "ed25519-sha256" if by.startswith("ed25519") else "rsa-sha256"
    all_tags = {"i": instance, "a": a, "cv": cv, "d": d, "s": s, **tags}
    value = "; ".join(f"{tag}={text}" for tag, text in all_tags.items() if text is not None)
    own = f"ARC-Seal:{value}; b=".encode()
    covered = sets[-1:] if alone else sets
    octets = b"".join(_field(field, "relaxed") for one in covered for field in one)
    digest = hashlib.sha256(octets + _field(own + b"\r\n", "relaxed")[:-2]).digest()
    return own + base64.b64encode(_sign(key(by), digest, "sha256")) + b"\r\n"


def sealed(count=2, *, fields=FIELDS, body=BODY, change=None, **options):
    """Return the octets of a message with a chain; `change(instance, set)` may alter a set after it was made."""
    sets = []
    for instance in range(1, count + 1):
        results = f"ARC-Authentication-Results: i={instance}; mx{instance}.example.net;\r\n\tdkim=pass header.d=example.com\r\n"
        more = options.get(f"set{instance}", {})
        message_options = {k: v for k, v in more.get("message", {}).items() if k not in ("fields", "body")}
        covered = more.get("message", {})
        one = [
            results.encode(),
            message_signature(instance, covered.get("fields", fields), covered.get("body", body), **message_options),
        ]
        cv = more.get("cv", "pass" if instance > 1 else "none")
        one.append(seal([*sets, one], instance, cv=cv, **more.get("seal", {})))
        sets.append(one)
    if change:
        sets = [change(instance, list(one)) for instance, one in enumerate(sets, 1)]
    header = b"".join(field for one in reversed(sets) for field in reversed(one))
    return header + b"".join(fields) + b"\r\n" + body


def chain(*args, **options):
    return parse(sealed(*args, **options))
