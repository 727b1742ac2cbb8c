"""The one exit table: what a shell sees of each way a run can end (the upper half follows BSD's sysexits.h)."""

from collections.abc import Iterable, Mapping
from enum import IntEnum, unique
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line is read before any of the pipeline is imported
    from mailtrace.report import Report


@unique
class Status(IntEnum):
    """Exit status."""

    DONE = 0  # and no --fail-on condition holds
    USAGE = 2  # the command line is wrong
    CONDITION = 10  # a --fail-on condition holds
    UNDECIDED = 11  # no condition holds, and authenticity is indeterminate
    DATA = 65  # not a message, or a broken recording
    NO_INPUT = 66
    UNAVAILABLE = 69  # a server that was named refused every attempt
    FAULT = 70  # in mailtrace itself
    OUTPUT = 74  # output could not be written
    INTERRUPTED = 130


_PRECEDENCE = (
    Status.INTERRUPTED,
    Status.FAULT,
    Status.OUTPUT,
    Status.UNAVAILABLE,
    Status.NO_INPUT,
    Status.CONDITION,
    Status.DATA,
    Status.UNDECIDED,
    Status.DONE,
)


def first(statuses: Iterable[Status]) -> Status:
    """Choose the status of a run over several messages."""
    return min(statuses, key=_PRECEDENCE.index, default=Status.DONE)


CONDITIONS = (
    "forged",
    "suspicious",
    "unproven",
    "indeterminate",
    "cleartext",
    "weak-tls",
    "unrecorded-tls",
    "dmarc-fail",
    "dkim-fail",
    "spf-fail",
    "policy",
)
"""What --fail-on takes; conditions.py says when each holds, and is not imported for the sake of the help."""

DEFAULT_CONDITIONS = ("forged", "suspicious")


def of_report(report: "Report", conditions: Iterable[str]) -> Status:
    """Say how a run over this one message ends."""
    from mailtrace.cli.conditions import HOLDS

    if any(HOLDS[condition](report) for condition in conditions):
        return Status.CONDITION
    return Status.UNDECIDED if HOLDS["indeterminate"](report) else Status.DONE


FIND_CONDITIONS = (
    "rejected",
    "bounced",
    "never-seen",
    "sent-not-seen",
    "quarantined",
    "filtered",
    "deferred",
    "unknown",
    "handed-over",
    "delivered",
)
"""What --fail-on of `find` takes: every outcome."""

FIND_DEFAULT = FIND_CONDITIONS[:6]


def of_answer(outcome: str, conditions: Iterable[str]) -> Status:
    """Say how a run of `find` with this answer ends."""
    if outcome in conditions:
        return Status.CONDITION
    return Status.UNDECIDED if outcome in ("unknown", "deferred", "handed-over") else Status.DONE


FORCED_CONDITIONS = ("in-clear", "not-verified", "undecided")
"""What --fail-on of `find --forced-tls` takes."""

FORCED_DEFAULT = FORCED_CONDITIONS[:2]


def of_forced(counts: Mapping[str, int], conditions: Iterable[str], *, is_complete: bool) -> Status:
    """Say how a run of `find --forced-tls` ends. `counts`: of transfers, by the words of `FORCED_CONDITIONS`."""
    if any(counts[condition] for condition in conditions):
        return Status.CONDITION
    return Status.UNDECIDED if counts["undecided"] or not is_complete else Status.DONE
