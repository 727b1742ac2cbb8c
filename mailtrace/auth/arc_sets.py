"""The ARC sets of a message, RFC 8617 §4.2: three fields to each, numbered from 1 without a gap.

Only the form is looked at here; a chain whose form is broken fails, whatever its signatures say (§5.2, step 3).
"""

from collections.abc import Iterator

from mailtrace.auth._dkimpy import TagListError, parse_tag_list
from mailtrace.auth.dkim_signature import Signature, read_arc_message_signature, read_arc_seal
from mailtrace.auth.dkim_tags import FWS
from mailtrace.message.types import HeaderField, Message
from mailtrace.records import Struct

MAX_SETS = 50
"""RFC 8617 §5.2, step 1."""

RESULTS_FIELD = "arc-authentication-results"
MESSAGE_FIELD = "arc-message-signature"
SEAL_FIELD = "arc-seal"
_FIELDS = (RESULTS_FIELD, MESSAGE_FIELD, SEAL_FIELD)
_NAMES = {
    RESULTS_FIELD: "ARC-Authentication-Results",
    MESSAGE_FIELD: "ARC-Message-Signature",
    SEAL_FIELD: "ARC-Seal",
}


class SealedSet(Struct, frozen=True, kw_only=True):
    """The three fields of one instance."""

    instance: int
    results: HeaderField
    message_signature: Signature
    seal: Signature
    cv: str | None
    """`cv=` of the seal, lower case; None if absent."""


class Fault(Struct, frozen=True, kw_only=True):
    """What breaks the form of the chain, and where."""

    problem: str
    """`structure` or `limit`."""
    detail: str
    field: HeaderField


class Chain(Struct, frozen=True, kw_only=True):
    """All sets, instance 1 first."""

    sets: tuple[SealedSet, ...]
    """Those that are complete; every one unless there is a fault."""
    fault: Fault | None


def collect(message: Message) -> Chain:
    """Collect the ARC sets, and check their form (RFC 8617 §5.2, steps 1 and 3)."""
    fields = message.all(*_FIELDS)
    by_instance: dict[int, dict[str, HeaderField]] = {}
    fault: Fault | None = None
    for field in fields:
        instance = read_instance(field)
        name = field.name.lower()
        if instance is None:
            fault = fault or _broken(field, "has no instance from 1 to 50")
        elif name in by_instance.setdefault(instance, {}):
            fault = fault or _broken(field, f"stands twice for instance {instance}")
        else:
            by_instance[instance][name] = field
    seals = sum(field.name.lower() == SEAL_FIELD for field in fields)
    if seals > MAX_SETS:
        detail = f"{seals} ARC sets, {MAX_SETS} at the most"
        fault = Fault(problem="limit", detail=detail, field=fields[0])
    return Chain(
        sets=tuple(
            _sealed(instance, found) for instance, found in sorted(by_instance.items()) if len(found) == len(_FIELDS)
        ),
        fault=fault or next(_gaps(by_instance), None),
    )


def _broken(field: HeaderField, what: str) -> Fault:
    return Fault(problem="structure", detail=f"a field {_NAMES[field.name.lower()]} {what}", field=field)


def _gaps(by_instance: dict[int, dict[str, HeaderField]]) -> Iterator[Fault]:
    """Yield what is missing: RFC 8617 §5.2, step 3: instances from 1 to N, each with all three fields."""
    for expected, (instance, found) in enumerate(sorted(by_instance.items()), 1):
        witness = next(iter(found.values()))
        if instance != expected:
            detail = f"the ARC set of instance {expected} is missing"
            yield Fault(problem="structure", detail=detail, field=witness)
        for name in _FIELDS:
            if name not in found:
                detail = f"the ARC set of instance {instance} has no field {_NAMES[name]}"
                yield Fault(problem="structure", detail=detail, field=witness)


def read_instance(field: HeaderField) -> int | None:
    """Read `i=`, RFC 8617 §4.2.1; None if it is not there, not where it must be, or not from 1 to 50."""
    octets = field.raw.partition(b":")[2].replace(b"\r\n", b"").replace(b"\n", b"")
    if field.name.lower() == RESULTS_FIELD:
        # RFC 8617 §4.1.1: arc-info = instance [CFWS] ";" authres-payload. The instance stands first.
        octets, semicolon, _ = octets.partition(b";")
        if not semicolon:
            return None
    try:
        value = parse_tag_list(octets).get("i", b"").strip(FWS)
    except TagListError:
        return None
    return int(value) if value.isdigit() and len(value) <= 2 and 1 <= int(value) <= MAX_SETS else None


def _sealed(instance: int, found: dict[str, HeaderField]) -> SealedSet:
    seal = found[SEAL_FIELD]
    tags = parse_tag_list(seal.raw.partition(b":")[2].replace(b"\r\n", b"").replace(b"\n", b""))
    return SealedSet(
        instance=instance,
        results=found[RESULTS_FIELD],
        message_signature=read_arc_message_signature(found[MESSAGE_FIELD]),
        seal=read_arc_seal(seal),
        cv=tags["cv"].decode("ascii", "replace").lower() if "cv" in tags else None,
    )
