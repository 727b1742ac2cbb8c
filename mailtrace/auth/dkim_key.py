"""Key records, RFC 6376 §3.6: fetched through the one DNS seam, read, and tried.

What kept a key from being used is told apart: no record, a revoked key, a record that is no key, a DNS failure, a
question that the recording does not hold. They are five different things to whoever asks "was this forged?".
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from mailtrace.auth._dkimpy import TagListError, parse_tag_list
from mailtrace.auth.dkim_crypto import PublicKey, is_made_by, load_key, verifies
from mailtrace.auth.dkim_tags import FWS, TagError, Tags, base64_octets
from mailtrace.auth.dkim_words import Algorithm, Problem
from mailtrace.records import Struct
from mailtrace.resolver import Answer, Mode, Outcome, Resolver, RRType
from mailtrace.resolver.archive import KeyArchive, KeyOrigin
from mailtrace.results import Comparison

MAX_RECORDS = 8
"""Records of one selector that are tried."""

MAX_RECORD_OCTETS = 1 << 14


class KeyRecord(Struct, frozen=True, kw_only=True):
    """RFC 6376 §3.6.1. `g=` is obsolete and ignored, `n=` is for humans."""

    text: str
    """As published, in the recording's spelling."""
    public: PublicKey
    digests: frozenset[str] | None
    """`h=`; None: all are allowed."""
    testing: bool
    """`t=y`."""
    strict: bool
    """`t=s`: `i=` must be in `d=` itself."""


class KeyLookup(Struct, frozen=True, kw_only=True):
    """What DNS holds for one selector. `fault` is set exactly when there is no usable record."""

    name: str
    source: str
    """`dns`, `recording` or `archive`."""
    records: tuple[KeyRecord, ...]
    fault: TagError | None
    texts: tuple[str, ...]
    """Every TXT record there, usable or not."""
    origins: Mapping[str, KeyOrigin]
    """Where each record is from, by its text; empty where DNS or a recording answered."""


def look_up(name: str, dns: Resolver, *, archive: bool = False) -> KeyLookup:
    """Fetch and read the key records at a name."""
    answer = dns.resolve(name, RRType.TXT)
    source = "archive" if archive else "dns" if dns.mode is Mode.LIVE else "recording"
    records, faults = _read_all(answer)
    return KeyLookup(
        name=name,
        source=source,
        records=records,
        fault=None if records else _absence(answer) or _telling(faults),
        texts=answer.records,
        origins=_origins(dns, answer),
    )


def _origins(dns: Resolver, answer: Answer) -> Mapping[str, KeyOrigin]:
    if not isinstance(dns, KeyArchive):
        return {}
    found = {text: dns.origin(answer.name, text) for text in answer.records}
    return {text: origin for text, origin in found.items() if origin is not None}


def _absence(answer: Answer) -> TagError | None:
    """Say why there is no record to read; None if there is one."""
    match answer.outcome:
        case Outcome.ANSWER:
            return None
        case Outcome.NXDOMAIN | Outcome.NODATA | Outcome.BADNAME:
            return TagError(Problem.KEY_MISSING, f"no key record at {answer.name} ({answer.outcome})")
        case Outcome.NOT_RECORDED:
            return TagError(Problem.NOT_RECORDED, f"the recording does not hold the key at {answer.name}")
        case Outcome.OFFLINE:
            return TagError(Problem.OFFLINE, f"no DNS was asked for the key at {answer.name}")
        case _:
            return TagError(Problem.DNS_FAILURE, f"DNS failed for the key at {answer.name} ({answer.outcome})")


def _read_all(answer: Answer) -> tuple[tuple[KeyRecord, ...], list[TagError]]:
    records, faults = [], []
    for text, octets in list(zip(answer.records, answer.texts, strict=True))[:MAX_RECORDS]:
        try:
            records.append(read_key_record(octets, text))
        except TagError as fault:
            faults.append(fault)
    return tuple(records), faults


def _telling(faults: list[TagError]) -> TagError:
    """Choose of several unusable records the one to speak of: a revocation is a statement, the rest are slips."""
    revoked = [fault for fault in faults if fault.problem is Problem.KEY_REVOKED]
    return (revoked or faults or [_unusable("no TXT record there can be read")])[0]


def _unusable(detail: str) -> TagError:
    return TagError(Problem.KEY_UNUSABLE, detail)


@lru_cache(maxsize=256)
def read_key_record(octets: bytes, text: str) -> KeyRecord:
    """Read one record. Raises TagError if it is revoked, or no DKIM key for email (RFC 6376 §3.6.1)."""
    if len(octets) > MAX_RECORD_OCTETS:
        raise _unusable(f"a key record of {len(octets)} octets, {MAX_RECORD_OCTETS} at the most")
    try:
        tags = parse_tag_list(octets)
    except TagListError as fault:
        raise _unusable(f"not a key record: {fault}") from fault
    if tags.get("v", b"DKIM1") != b"DKIM1":
        raise _unusable(f"v={tags['v']!r:.40} is no DKIM key record")
    flags = _items(tags, "t")
    services = _items(tags, "s")
    if "s" in tags and not {b"*", b"email"} & services:
        raise _unusable(f"s={tags['s']!r:.40}: the key is not for email")
    return KeyRecord(
        text=text,
        public=_read_public_key(tags),
        digests=frozenset(item.decode("ascii", "replace") for item in _items(tags, "h")) if "h" in tags else None,
        testing=b"y" in flags,
        strict=b"s" in flags,
    )


def _items(tags: Tags, name: str) -> frozenset[bytes]:
    """Read a colon-separated list."""
    return frozenset(item.strip(FWS).lower() for item in tags.get(name, b"").split(b":"))


def _read_public_key(tags: Tags) -> PublicKey:
    key_type = tags.get("k", b"rsa").lower().decode("ascii", "replace")
    if key_type not in ("rsa", "ed25519"):
        raise _unusable(f"k={key_type!r:.40} is no key type of RFC 6376 or RFC 8463")
    if "p" not in tags:
        raise _unusable("the record has no p=")
    if not tags["p"].strip(FWS):
        raise TagError(Problem.KEY_REVOKED, "p= is empty: the owner revoked the key")
    try:
        return load_key(key_type, base64_octets(tags["p"]))
    except ValueError as fault:
        raise _unusable(f"p= cannot be used: {fault}") from fault


class Trial(Struct, frozen=True, kw_only=True):
    """What came of verifying one signature. `fault` is None exactly when it matches and the key allows it."""

    header: Comparison
    record: KeyRecord | None
    """The record that was used; None if none could be."""
    lookup: KeyLookup
    fault: TagError | None
    instead: TagError | None = None
    """What is wrong with the key of DNS, where this one is from the archive."""


_ORDER = (Comparison.MATCH, Comparison.MISMATCH, Comparison.NOT_CHECKED)


def try_keys(lookup: KeyLookup, algorithm: Algorithm, signature: bytes, digest: bytes) -> Trial:
    """Verify with each record, and return the best outcome.

    RFC 6376 §3.6.2.2 leaves several records undefined, §6.1.2 lets a verifier cycle through them. They are sorted, so
    that a server's mood does not change the result.
    """
    if lookup.fault is not None:
        return Trial(header=Comparison.NOT_CHECKED, record=None, lookup=lookup, fault=lookup.fault)
    return _best(_try_key(lookup, record, algorithm, signature, digest) for record in lookup.records)


def _best(trials: Iterable[Trial]) -> Trial:
    return min(trials, key=lambda trial: (_ORDER.index(trial.header), trial.fault is not None))


def _try_key(lookup: KeyLookup, record: KeyRecord, algorithm: Algorithm, signature: bytes, digest: bytes) -> Trial:
    header, fault = Comparison.NOT_CHECKED, None
    if record.public.key_type != algorithm.key_type:
        detail = f"the signature is {algorithm.key_type}, the key {record.public.key_type}"
        fault = TagError(Problem.KEY_TYPE_MISMATCH, detail)
    elif verifies(record.public, signature, digest, algorithm.digest):
        header = Comparison.MATCH
    else:
        header, fault = Comparison.MISMATCH, _mismatch(record, signature, algorithm)
    if record.digests is not None and algorithm.digest not in record.digests:
        fault = _unusable(f"h= of the key record does not allow {algorithm.digest}")
    return Trial(header=header, record=record, lookup=lookup, fault=fault)


def _mismatch(record: KeyRecord, signature: bytes, algorithm: Algorithm) -> TagError:
    """Say what the mismatch shows, and no more."""
    match is_made_by(record.public, signature, algorithm.digest):
        case True:
            detail = "the signature is genuine, made by this key over other header fields than these"
            return TagError(Problem.HEADER_ALTERED, detail)
        case False:
            detail = "the signature was not made by this key: another key, or b= itself is damaged"
            return TagError(Problem.SIGNATURE_MISMATCH, detail)
        case _:
            detail = "the signature does not verify: other header fields, another key, or a damaged b="
            return TagError(Problem.HEADER_ALTERED, detail)
