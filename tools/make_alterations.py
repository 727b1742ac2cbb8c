"""Build what tests/corpus/originals, alterations and forgeries need no foreign software for.

Originals are messages as their authors' servers signed them, from originals/source. An alteration is one of them after
a program that is not ours; those octets are kept, not made here, but where `source.toml` beside them says what a
program that we do not have is documented to do. A forgery is one of them after what `source.toml`
beside it says. Every case gets the part of originals/zone.json that it asks for, as its recording. The same sources and
keys give the same octets. The signer is written from RFC 6376 alone: nothing of mailtrace's canonicalization is used.
"""

import argparse
import base64
import functools
import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

CORPUS = Path(__file__).resolve().parent.parent / "tests" / "corpus"
ORIGINALS = CORPUS / "originals"
RECORDED_AT = "2026-10-13T15:00:00Z"

Key = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@functools.cache
def load_key(name: str) -> Key:
    """Read one of the keys made for these messages."""
    key = serialization.load_pem_private_key((ORIGINALS / "keys" / f"{name}.pem").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey)
    return key


def key_record(name: str) -> str:
    """Return the TXT record of a key (RFC 6376 §3.6.1, RFC 8463 §4.2)."""
    public = load_key(name).public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        return "v=DKIM1; k=ed25519; p=" + base64.b64encode(public.public_bytes_raw()).decode()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()


def new_keys(names: set[str]) -> None:
    """Make the keys that are missing."""
    for name in sorted(names):
        path = ORIGINALS / "keys" / f"{name}.pem"
        if not path.exists():
            small = name.endswith("-ed25519")
            key = ed25519.Ed25519PrivateKey.generate() if small else rsa.generate_private_key(65537, 2048)
            form = serialization.PrivateFormat.PKCS8
            path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))


def canonical_body(body: bytes, form: str) -> bytes:
    """Canonicalise a body with CRLF line ends (RFC 6376 §3.4.3, §3.4.4)."""
    lines = body.split(b"\r\n")
    if form == "relaxed":
        lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines) or (b"" if form == "relaxed" else b"\r\n")


def canonical_field(field: bytes, form: str) -> bytes:
    """Canonicalise a field with its final CRLF (RFC 6376 §3.4.1, §3.4.2)."""
    if form == "simple":
        return field
    name, value = field.split(b":", 1)
    return name.strip().lower() + b":" + b" ".join(value.split()) + b"\r\n"


def select(fields: list[bytes], names: list[str]) -> list[bytes]:
    """Take the lowest field of each name that is not taken yet (RFC 6376 §5.4.2); a missing one counts as empty."""
    left, chosen = list(fields), []
    for name in names:
        found = [field for field in left if field.split(b":", 1)[0].strip().lower() == name.encode()]
        if found:
            chosen.append(found[-1])
            left.reverse()
            left.remove(found[-1])
            left.reverse()
    return chosen


def copies(fields: list[bytes]) -> str:
    """Write the signed fields as `z=` does (RFC 6376 §3.5, in the quoted-printable of §2.11)."""

    def quote(field: bytes) -> str:
        return "".join(
            chr(octet) if 0x21 <= octet <= 0x7E and chr(octet) not in ";=|" else f"={octet:02X}"
            for octet in field.removesuffix(b"\r\n")
        )

    return "|\r\n\t ".join(quote(field) for field in fields)


def sign(fields: list[bytes], body: bytes, order: Mapping[str, Any]) -> bytes:
    """Return a DKIM-Signature field over these fields and this body (RFC 6376 §5, RFC 8463 §3)."""
    key = load_key(order["key"])
    header_form, body_form = order["c"].split("/")
    chosen = select(fields, order["h"].split(":"))
    digest = base64.b64encode(hashlib.sha256(canonical_body(body, body_form)).digest()).decode()
    algorithm = "rsa" if isinstance(key, rsa.RSAPrivateKey) else "ed25519"
    lines = [
        f"DKIM-Signature: v=1; a={algorithm}-sha256; c={order['c']}; d={order['d']}; s={order['s']};",
        f"t={sent(b''.join(fields)).timestamp():.0f}; h={order['h']};",
        *([f"z={copies(chosen)};"] if order.get("z") else []),
        f"bh={digest};",
        "b=",
    ]
    own = "\r\n\t".join(lines).encode()
    signed = b"".join(canonical_field(field, header_form) for field in chosen)
    signed += canonical_field(own + b"\r\n", header_form).removesuffix(b"\r\n")
    if isinstance(key, rsa.RSAPrivateKey):
        octets = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    else:
        octets = key.sign(hashlib.sha256(signed).digest())  # RFC 8463 §3: the hash is what is signed
    text = base64.b64encode(octets).decode()
    folded = "\r\n\t ".join(text[at : at + 72] for at in range(0, len(text), 72))
    return own + folded.encode() + b"\r\n"


def original(name: str) -> bytes:
    """Return a signed message as it left its author's server, with CRLF line ends."""
    text = tomllib.loads((ORIGINALS / "source" / f"{name}.toml").read_text("utf-8"))
    body = _body(text).replace(b"\n", b"\r\n")
    orders = {order["name"]: order for order in text["sign"]}
    fields = [line.replace(b"\n", b"\r\n") + b"\r\n" for line in split_header(text["header"].encode())]
    # From the bottom: a signature covers what stands below it.
    for at in range(len(fields) - 1, -1, -1):
        wanted = re.fullmatch(rb"DKIM-Signature: \{(\w+)\}\r\n", fields[at])
        if wanted:
            fields[at] = sign(fields[at + 1 :], body, orders[wanted[1].decode()])
    return b"".join(fields) + b"\r\n" + body


def _body(text: Mapping[str, Any]) -> bytes:
    """Return the body of a source, with bare line feeds."""
    if "body" in text:
        return str(text["body"]).encode()
    return base64.encodebytes(str(text["body_base64"]).replace("\n", "\r\n").encode())


def sent(message: bytes) -> datetime:
    """Return the time that Date gives, in UTC."""
    found = re.search(rb"(?mi)^Date: (.+?)\r?$", message)
    assert found is not None
    return parsedate_to_datetime(found[1].decode()).astimezone(UTC)


def split_header(header: bytes) -> list[bytes]:
    """Cut a header section with bare line feeds into its fields, each with its folding."""
    return re.split(rb"\n(?![ \t])", header.strip(b"\n"))


def deliver(message: bytes, way: str) -> bytes:
    """Put on top what the servers of one way write (originals/delivery), in the message's own line ends."""
    domain = re.findall(rb"[; ]d=([\w.]+);", message)[0].decode()
    address = zone()[f"smtp.{domain}"]["A"][0]
    text = (ORIGINALS / "delivery" / f"{way}.txt").read_text("utf-8")
    text = text.replace("{domain}", domain).replace("{address}", address)
    start = sent(message)
    header = re.sub(
        r"\{(\d+)\}", lambda match: format_datetime(start + timedelta(seconds=int(match[1]))), text
    ).encode()
    head = message[: message.index(b"\n") + 1]
    return (header.replace(b"\n", b"\r\n") if head.endswith(b"\r\n") else header) + message


@functools.cache
def zone() -> dict[str, Any]:
    """Read what every domain of the corpus publishes."""
    text = (ORIGINALS / "zone.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(re.sub(r"\{key:([\w.-]+)\}", lambda match: key_record(match[1]), text))
    return found


def recording(message: bytes) -> bytes:
    """Return the answers about the domains that a message names; the recording is closed."""
    answers = {name: types for name, types in sorted(zone().items()) if _owner(name) in message}
    whole = {"mailtrace_dns": 1, "recorded_at": RECORDED_AT, "default": "NXDOMAIN", "answers": answers}
    return (json.dumps(whole, indent=1) + "\n").encode()


def _owner(name: str) -> bytes:
    """Return the domain that a name speaks for."""
    return (name.partition("_domainkey.")[2] or name.removeprefix("_dmarc.")).encode()


def forge(source: Mapping[str, Any]) -> bytes:
    """Do to an original what a source says, step by step, in line feeds, and deliver it."""
    header, _, body = original(source["original"]).replace(b"\r\n", b"\n").partition(b"\n\n")
    for edit in source["edit"]:
        header, body = _edit(header + b"\n", body, {name: value.encode() for name, value in edit.items()})
    return deliver(header + b"\n\n" + body, source["way"])


def _edit(header: bytes, body: bytes, edit: Mapping[str, bytes]) -> tuple[bytes, bytes]:
    """Apply one edit; the header comes with its last line feed and goes without it."""
    match edit:
        case {"append": text}:
            body += text
        case {"prepend": text}:
            body = text + body
        case {"body": text}:
            body = text
        case {"top": text}:
            header = text + header
        case {"bottom": text}:
            header += text
        case {"drop": name}:
            header, count = re.subn(rb"(?mi)^%s:.*\n(?:[ \t].*\n)*" % re.escape(name), b"", header)
            assert count, name
        case {"old": old, "new": new}:
            assert (header.count(old) + body.count(old)) == 1, old
            header, body = header.replace(old, new), body.replace(old, new)
        case _:
            raise AssertionError(edit)
    return header.removesuffix(b"\n"), body


def build() -> dict[Path, bytes]:
    """Return every file that is built."""
    files = {ORIGINALS / f"{p.stem}.eml": original(p.stem) for p in sorted(ORIGINALS.glob("source/*.toml"))}
    made = sorted({*CORPUS.glob("alterations/*/source.toml"), *CORPUS.glob("forgeries/*/source.toml")})
    for path in made:
        source = tomllib.loads(path.read_text("utf-8"))
        files[path.with_name("message.eml")] = forge(source)
    for path in sorted({*CORPUS.glob("alterations/*/message.eml"), *made}):
        message = path.with_name("message.eml")
        files[path.with_name("dns.json")] = recording(files.get(message) or message.read_bytes())
    return files


def main(arguments: list[str]) -> int:
    """Write the files, or with `--check` say which differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file differs")
    parser.add_argument("--new-keys", action="store_true", help="make the keys that are missing first")
    options = parser.parse_args(arguments)
    if options.new_keys:
        new_keys(set(re.findall(r"\{key:([\w.-]+)\}", (ORIGINALS / "zone.json").read_text("utf-8"))))
    files = build()
    changed = [path for path, octets in files.items() if not path.exists() or path.read_bytes() != octets]
    for path in changed:
        print(("differs: " if options.check else "written: ") + str(path.relative_to(CORPUS)))
        if not options.check:
            path.write_bytes(files[path])
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
