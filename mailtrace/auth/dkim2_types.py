"""What the fields of DKIM2 say (draft-ietf-dkim-dkim2-spec): read, shown, and not verified."""

from datetime import datetime
from enum import unique

from mailtrace.enums import StrEnum
from mailtrace.records import Struct

SIGNATURE_FIELD = "dkim2-signature"


@unique
class DKIM2Status(StrEnum):
    """Absent, broken in form, and not checked are three things. There is no `pass`: nothing here is verified."""

    NONE = "none"  # the message has no such field
    MALFORMED = "malformed"  # the fields cannot form a chain, whatever their signatures are
    NOT_CHECKED = "not-checked"


class DKIM2Signature(Struct, frozen=True, kw_only=True):
    """One DKIM2-Signature: what a server says of the step in which it sent the message on. Every None: not said."""

    sequence: int | None
    """`i=`, 1 = the first server that signed."""
    instance: int | None
    """`m=`: the Message-Instance it covers."""
    sdid: str | None
    """`d=`, lower case."""
    signed_at: datetime | None
    mail_from: str | None
    """`mf=`: the envelope sender of this step; `<>` if null."""
    recipients: tuple[str, ...]
    """`rt=`: its envelope recipients."""
    next_domain: str | None
    """`nd=`: who signs next, where a step crosses no SMTP."""
    flags: tuple[str, ...]
    """`f=`, such as `donotmodify`."""
    algorithms: tuple[str, ...]
    """`selector:algorithm` of each signature in `s=`."""
    problem: str | None
    """What cannot be read, in words; None if nothing."""
    field: int
    """Index among all header fields, 0 = topmost."""


class DKIM2Instance(Struct, frozen=True, kw_only=True):
    """One Message-Instance: what the message was like at one step."""

    instance: int | None
    """`m=`, 1 = as it was first signed."""
    hashes: tuple[str, ...]
    """Names of the hash algorithms in `h=`."""
    recipe: bool
    """`r=`: it says how to undo what was changed since the instance before."""
    problem: str | None
    field: int


class DKIM2Chain(Struct, frozen=True, kw_only=True):
    """All of them, oldest first."""

    status: DKIM2Status
    problem: str | None
    """In words: why the fields cannot form a chain; None unless malformed."""
    signatures: tuple[DKIM2Signature, ...]
    instances: tuple[DKIM2Instance, ...]


NO_DKIM2 = DKIM2Chain(status=DKIM2Status.NONE, problem=None, signatures=(), instances=())
