"""DKIM2 (draft-ietf-dkim-dkim2-spec, work in progress): its fields are recognised, and their chain is shown.

Every server that sends a message on adds a DKIM2-Signature which names the envelope of that step, and, where it changed
the message, a Message-Instance that says how to undo the change. The tags are those of the drafts from -04 to -08 of
2026. Nothing is verified: the draft still changes what is hashed, and a signature judged by the wrong draft would be
called broken. So the result is never better than `not-checked`. Tags that are not known are passed over.
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from mailtrace.auth.dkim2_types import NO_DKIM2, SIGNATURE_FIELD, DKIM2Chain, DKIM2Instance, DKIM2Signature, DKIM2Status
from mailtrace.auth.dkim_verify import instant
from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.message.types import HeaderField, Message
from mailtrace.records import Struct
from mailtrace.results import Severity

__all__ = ["DKIM2Outcome", "check_dkim2"]

DRAFT = "draft-ietf-dkim-dkim2-spec"
INSTANCE_FIELD = "message-instance"

MAX_FIELDS = 100
"""Fields of each kind that are read; honest chains have fewer than ten."""
MAX_RECIPIENTS = 50
"""Recipients kept of one step."""

NOT_CHECKED = FindingKind(
    code="dkim2-not-checked",
    title="The message carries DKIM2 signatures, which are shown and not verified",
    severity=Severity.INFO,
    reference=DRAFT,
)
MALFORMED = FindingKind(
    code="dkim2-malformed",
    title="The DKIM2 fields do not form a chain",
    severity=Severity.NOTICE,
    reference=DRAFT,
)

_T = TypeVar("_T")


class DKIM2Outcome(Struct, frozen=True, kw_only=True):
    """The chain, and what matters about it."""

    chain: DKIM2Chain
    findings: tuple[Finding, ...]


def check_dkim2(message: Message) -> DKIM2Outcome:
    """Read the DKIM2 fields of a message. Never raises."""
    signed = message.all(SIGNATURE_FIELD)[: MAX_FIELDS + 1]
    described = message.all(INSTANCE_FIELD)[: MAX_FIELDS + 1]
    if not signed:
        # A Message-Instance that nobody signed says nothing; the name is not DKIM2's alone.
        return DKIM2Outcome(chain=NO_DKIM2, findings=())
    signatures = sorted(map(read_signature, signed[:MAX_FIELDS]), key=lambda each: each.sequence or 0)
    instances = sorted(map(read_instance, described[:MAX_FIELDS]), key=lambda each: each.instance or 0)
    too_many = max(len(signed), len(described)) > MAX_FIELDS
    problem = f"more than {MAX_FIELDS} fields" if too_many else next(_broken(signatures, instances), None)
    chain = DKIM2Chain(
        status=DKIM2Status.MALFORMED if problem else DKIM2Status.NOT_CHECKED,
        problem=problem,
        signatures=tuple(signatures),
        instances=tuple(instances),
    )
    return DKIM2Outcome(chain=chain, findings=(_finding(chain, signed),))


def _broken(signatures: Sequence[DKIM2Signature], instances: Sequence[DKIM2Instance]) -> Iterator[str]:
    """Yield why these fields cannot be a chain: numbers run from 1 without a gap, and every field can be read."""
    for signature in signatures:
        if signature.problem is not None:
            yield f"signature {signature.sequence or 'without number'}: {signature.problem}"
    for instance in instances:
        if instance.problem is not None:
            yield f"Message-Instance {instance.instance or 'without number'}: {instance.problem}"
    for name, numbers in (
        ("DKIM2-Signature", [each.sequence for each in signatures]),
        ("Message-Instance", [each.instance for each in instances]),
    ):
        for expected, number in enumerate(numbers, 1):
            if number != expected:
                yield f"{name} {expected} is missing" if (number or 0) > expected else f"{name} {number} stands twice"
    highest = max((each.instance or 0 for each in instances), default=0)
    for signature in signatures:
        if (signature.instance or 0) > highest:
            yield f"signature {signature.sequence} covers Message-Instance {signature.instance}, which is missing"


class _Tags:
    """`tag=value` pairs of one field; the first thing that cannot be read is kept."""

    def __init__(self, field: HeaderField) -> None:
        self.problem: str | None = None
        self._values: dict[str, str] = {}
        for part in field.value.split(";"):
            name, equals, value = part.partition("=")
            name = name.strip().lower()
            if equals and name:
                self._fail(f"{name}= stands twice", when=name in self._values)
                # White space may stand anywhere in the values that are read here.
                self._values.setdefault(name, "".join(value.split()))
            else:
                self._fail("a part is no tag=value pair", when=bool(part.strip()))

    def _fail(self, problem: str, *, when: bool) -> None:
        if when and self.problem is None:
            self.problem = excerpt(problem)

    def has(self, name: str) -> bool:
        return name in self._values

    def items(self, name: str, separator: str = ",") -> tuple[str, ...]:
        """Read a list; empty without the tag."""
        return tuple(item for item in self._values.get(name, "").split(separator) if item)

    def take(self, name: str, read: Callable[[str], _T], *, required: bool = False) -> _T | None:
        """Read one value; None where it is absent, or cannot be read."""
        text = self._values.get(name)
        if text is None:
            self._fail(f"{name}= is missing", when=required)
            return None
        try:
            return read(text)
        except ValueError:
            self._fail(f"{name}= cannot be read", when=True)
            return None


def read_signature(field: HeaderField) -> DKIM2Signature:
    """Read one DKIM2-Signature as far as it can be read."""
    tags = _Tags(field)
    sequence = tags.take("i", _number, required=True)
    sdid = tags.take("d", _domain, required=True)
    signed = tags.take("t", _seconds, required=True)
    algorithms = tags.take("s", _algorithms, required=True)
    # An envelope, or the domain of who signs next: one of the two.
    mail_from = tags.take("mf", _path, required=not tags.has("nd"))
    recipients = tags.take("rt", _paths, required=not tags.has("nd"))
    return DKIM2Signature(
        sequence=sequence,
        instance=tags.take("m", _number),
        sdid=sdid,
        signed_at=instant(signed),
        mail_from=mail_from,
        recipients=recipients or (),
        next_domain=tags.take("nd", _domain),
        flags=tags.items("f"),
        algorithms=algorithms or (),
        problem=tags.problem,
        field=field.index,
    )


def read_instance(field: HeaderField) -> DKIM2Instance:
    """Read one Message-Instance as far as it can be read."""
    tags = _Tags(field)
    number = tags.take("m", _number, required=True)
    hashes = tags.take("h", lambda text: tuple(_split(text, parts=3)), required=True)
    return DKIM2Instance(
        instance=number,
        hashes=tuple(parts[0] for parts in hashes or ()),
        recipe=tags.has("r"),
        problem=tags.problem,
        field=field.index,
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and int(text) > 0):
        raise ValueError(text)
    return int(text)


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise ValueError(text)
    return int(text)


def _domain(text: str) -> str:
    if not text or not text.isprintable() or len(text) > 255:
        raise ValueError(text)
    return text.lower().rstrip(".")


def _path(text: str) -> str:
    """Read an envelope address: base64 of a path in angle brackets (the first drafts wrote none)."""
    try:
        path = base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeError) as fault:
        raise ValueError(text) from fault
    if path == "<>":
        return path
    bare = path[1:-1] if path.startswith("<") and path.endswith(">") else path
    if not bare or not bare.isprintable() or len(bare) > 512:
        raise ValueError(text)
    return bare


def _paths(text: str) -> tuple[str, ...]:
    return tuple(_path(item) for item in text.split(",")[:MAX_RECIPIENTS])


def _algorithms(text: str) -> tuple[str, ...]:
    """Read `s=`: selector, algorithm and signature; `,` joins those that must hold together, `|` alternatives."""
    return tuple(f"{parts[0]}:{parts[1]}" for parts in _split(text.replace("|", ","), parts=3))


def _split(text: str, *, parts: int) -> Iterator[list[str]]:
    for item in text.split(","):
        pieces = item.split(":")
        if len(pieces) != parts or not all(pieces[:2]):
            raise ValueError(item)
        yield pieces


def _finding(chain: DKIM2Chain, fields: Sequence[HeaderField]) -> Finding:
    places = [
        Evidence(source=f"header:{field.name}[{at}]", line=field.line, excerpt=excerpt(field.value))
        for at, field in enumerate(fields[:3])
    ]
    if chain.problem is not None:
        return MALFORMED.found(excerpt(f"DKIM2: {chain.problem}."), *places)
    steps = " > ".join(signature.sdid or "?" for signature in chain.signatures[:5])
    count = "1 DKIM2 signature" if len(chain.signatures) == 1 else f"{len(chain.signatures)} DKIM2 signatures"
    detail = f"{count} ({steps}); DKIM2 is still a draft, and this program does not verify it."
    return NOT_CHECKED.found(excerpt(detail), *places)
