"""Build samples/ from samples/source/*.toml: sign each message, write it, its DNS recording and its line in the README.

The same sources and keys give the same octets: times are written down, RSA PKCS #1 v1.5 and Ed25519 signatures are
deterministic, and nothing is asked of a clock or of DNS. The keys in samples/keys sign nothing but these messages;
`--new-keys` makes those that are missing.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from dkim.canonicalization import CanonicalizationPolicy

SAMPLES = Path(__file__).resolve().parent.parent / "samples"

Key = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
Fields = list[tuple[str, str]]

README = """\
# Samples

Messages of our own making, each with the DNS answers it needs, so that every run gives the same report:

```sh
mailtrace analyze samples/spoof-reject.eml --dns samples/spoof-reject.dns.json
```

Names and addresses are those reserved for documentation, but for the hosts and networks by which the servers of two
large providers are known. The files are built by `tools/make_samples.py` from `source/`, signed with the keys in
`keys/`, which sign nothing else. `expected.json` holds the verdicts of this table for scripts.

| sample | what it shows | authenticity | transport |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file of samples/source."""

    name: str
    text: Mapping[str, Any]

    @property
    def octets(self) -> bytes:
        """The message, as it stands in the file."""
        body, appended = _crlf(self.text["body"]), _crlf(self.text.get("appended", ""))
        fields = _split(self.text["header"])
        signatures: dict[str, str] = {}
        # From the bottom: a signature covers what stands below it, a stamp quotes the signature below it.
        for at in range(len(fields) - 1, -1, -1):
            name, value = fields[at]
            order = self.text.get("sign", {}).get(value.strip(" {}")) if name == "DKIM-Signature" else None
            if order is not None:
                covered = body + appended if order.get("over") == "all" else body
                signed = sign(fields[at + 1 :], covered, order)
                signatures[value.strip(" {}")] = signed.rpartition("b=")[2]
                fields[at] = (name, signed)
            else:
                quoted = re.sub(r"\{b:(\w+)\}", lambda match: signatures[match[1]][:8], value)
                fields[at] = (name, quoted)
        header = "".join(f"{name}:{value}\r\n" for name, value in fields)
        message = f"{header}\r\n{body}{appended}"
        return (message if self.text["line_ending"] == "crlf" else message.replace("\r\n", "\n")).encode()

    @property
    def recording(self) -> str:
        """The DNS recording (closed: a name that it lacks does not exist), in a form that reads well."""
        answers = {
            name: {rrtype: _answer(entry) for rrtype, entry in types.items()}
            for name, types in sorted(self.text["dns"].items())
        }
        recording = {
            "mailtrace_dns": 1,
            "recorded_at": f"{self.text['recorded_at']:%Y-%m-%dT%H:%M:%SZ}",
            "default": "NXDOMAIN",
            "answers": answers,
        }
        return json.dumps(recording, indent=1, ensure_ascii=True) + "\n"

    @property
    def keys(self) -> str | None:
        """The file for --keys, if the sample has one."""
        if "keys" not in self.text:
            return None
        keys = [{**key, "record": _answer([key["record"]])[0]} for key in self.text["keys"]]
        return json.dumps({"mailtrace_keys": 1, "keys": keys}, indent=1, ensure_ascii=True) + "\n"

    @property
    def row(self) -> str:
        """The line of the README."""
        basis = f" ({self.text['basis']})" if self.text.get("basis") else ""
        word = f"`{self.text['authenticity']}`{basis}"
        shows = " ".join(self.text["shows"].split())
        return f"| [{self.name}]({self.name}.eml) | {shows} | {word} | `{self.text['transport']}` |\n"

    @property
    def expected(self) -> dict[str, str | None]:
        """The verdict."""
        return {
            "authenticity": self.text["authenticity"],
            "basis": self.text.get("basis"),
            "transport": self.text["transport"],
        }


def _crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def _split(header: str) -> Fields:
    """Cut a header section into names and values; a value keeps its folding."""
    lines = re.split(r"\n(?![ \t])", header.strip("\n"))
    return [(name, _crlf(value)) for name, _, value in (line.partition(":") for line in lines)]


def sign(fields: Fields, body: str, order: Mapping[str, Any]) -> str:
    """Return the value of a DKIM-Signature over these fields and this body (RFC 6376 §5, RFC 8463 §3)."""
    key = load_key(order["key"])
    policy = CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")
    canonical_body = policy.canonicalize_body(body.encode())
    tags = [
        f"v=1; a={_algorithm(key)}; c=relaxed/relaxed; d={order['d']}; s={order['s']};",
        f"t={order['t'].timestamp():.0f};"
        + (f" x={order['x'].timestamp():.0f};" if "x" in order else "")
        + _length(order, canonical_body),
        f"h={order['h']};",
        f"bh={base64.b64encode(hashlib.sha256(canonical_body).digest()).decode()};",
        "b=",
    ]
    unsigned = " " + "\r\n\t".join(tags)
    selected = [*_select(fields, order["h"].split(":")), ("DKIM-Signature", unsigned)]
    canonical = policy.canonicalize_headers([(n.encode(), f"{v}\r\n".encode()) for n, v in selected])
    data = b"".join(name + b":" + value for name, value in canonical)
    signature = base64.b64encode(_signature(key, data.removesuffix(b"\r\n"))).decode()
    return unsigned + "\r\n\t ".join(signature[at : at + 72] for at in range(0, len(signature), 72))


def _length(order: Mapping[str, Any], body: bytes) -> str:
    return f" l={len(body)};" if order.get("length") else ""


def _algorithm(key: Key) -> str:
    return "rsa-sha256" if isinstance(key, rsa.RSAPrivateKey) else "ed25519-sha256"


def _select(fields: Fields, names: list[str]) -> Fields:
    """Take the lowest field of each name that is not taken yet (RFC 6376 §5.4.2); a missing one counts as empty."""
    left = list(fields)
    chosen = []
    for name in names:
        at = next((i for i in range(len(left) - 1, -1, -1) if left[i][0].lower() == name.lower()), None)
        if at is not None:
            chosen.append(left.pop(at))
    return chosen


def _signature(key: Key, data: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(hashlib.sha256(data).digest())  # RFC 8463 §3: the hash is what is signed


def load_key(name: str) -> Key:
    """Read one of the keys made for the samples."""
    key = serialization.load_pem_private_key((SAMPLES / "keys" / f"{name}.pem").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey)
    return key


def key_record(name: str) -> str:
    """Return the TXT record of a key (RFC 6376 §3.6.1, RFC 8463 §4.2)."""
    public = load_key(name).public_key()
    if isinstance(public, rsa.RSAPublicKey):
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return "v=DKIM1; k=rsa; p=" + base64.b64encode(public.public_bytes(serialization.Encoding.DER, form)).decode()
    return "v=DKIM1; k=ed25519; p=" + base64.b64encode(public.public_bytes_raw()).decode()


def _answer(entry: Any) -> Any:
    """Put the key record in the place of `{key:NAME}`."""
    if not isinstance(entry, list):
        return entry
    return [re.sub(r"\{key:([\w.-]+)\}", lambda match: key_record(match[1]), record) for record in entry]


def new_keys(names: set[str]) -> None:
    """Make the keys that are missing."""
    for name in sorted(names):
        path = SAMPLES / "keys" / f"{name}.pem"
        if not path.exists():
            key = (
                ed25519.Ed25519PrivateKey.generate()
                if name.endswith("-ed25519")
                else rsa.generate_private_key(65537, 2048)
            )
            form = serialization.PrivateFormat.PKCS8
            path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))


def sources() -> list[Source]:
    """Read every source, in the order in which the README shows them."""
    found = [Source(name=p.stem, text=tomllib.loads(p.read_text("utf-8"))) for p in SAMPLES.glob("source/*.toml")]
    return sorted(found, key=lambda source: (source.text["place"], source.name))


def build() -> dict[str, bytes]:
    """Return every file that is built, by its name."""
    files = {}
    every = sources()
    for source in every:
        files[f"{source.name}.eml"] = source.octets
        files[f"{source.name}.dns.json"] = source.recording.encode()
        if source.keys is not None:
            files[f"{source.name}.keys.json"] = source.keys.encode()
    files["README.md"] = (README + "".join(source.row for source in every)).encode()
    expected = {source.name: source.expected for source in sorted(every, key=lambda source: source.name)}
    files["expected.json"] = (json.dumps(expected, indent=1) + "\n").encode()
    return files


def main(arguments: list[str]) -> int:
    """Write the files, or with `--check` say which differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file differs")
    parser.add_argument("--new-keys", action="store_true", help="make the keys that are missing first")
    options = parser.parse_args(arguments)
    if options.new_keys:
        new_keys({order["key"] for source in sources() for order in source.text.get("sign", {}).values()})
    changed = [
        name
        for name, octets in build().items()
        if not (SAMPLES / name).exists() or (SAMPLES / name).read_bytes() != octets
    ]
    for name in changed:
        print(("differs: " if options.check else "written: ") + name)
    if not options.check:
        for name, octets in build().items():
            (SAMPLES / name).write_bytes(octets)
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
