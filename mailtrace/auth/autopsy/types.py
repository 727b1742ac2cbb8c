"""What an autopsy gives."""

from enum import unique

from mailtrace.auth.types import Alteration
from mailtrace.enums import StrEnum
from mailtrace.message.types import Message
from mailtrace.records import Struct


@unique
class Outcome(StrEnum):
    """How it ended."""

    PROVED = "proved"  # undone, and the signature passes
    UNPROVED = "unproved"  # something fits, but the signature is no pass all the same
    UNKNOWN = "unknown"  # the key made the signature, or may have, and nothing that was tried fits
    NOT_THIS_KEY = "not-this-key"  # nothing can be tried: the key did not make the signature


class Autopsy(Struct, frozen=True, kw_only=True):
    """One signature that does not verify."""

    outcome: Outcome
    alteration: Alteration | None
    """Set exactly when the outcome is proved or unproved."""
    repaired: Message | None
    """The message as it was signed, where that was proved."""
    lacking: str
    """Why it is no proof, or what remains unexplained; empty where it is proved."""
    tried: tuple[str, ...]
    """What was tried, in words."""
    hashes: int
    complete: bool
    """False: the budget ended before everything had been tried."""
