"""Times and time zones as they are given on the command line."""

from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from mailtrace.cli.output import WrongUsageError


class Zones(NamedTuple):
    """The zone of the asker, and that of logs whose times have none."""

    asker: tzinfo
    name: str
    logs: tzinfo


def zones_of(name: str, log_name: str | None) -> Zones:
    """Read --tz and --log-tz. Raises WrongUsageError."""
    return Zones(asker=_zone("--tz", name), name=name, logs=_zone("--log-tz", log_name) if log_name else UTC)


def _zone(option: str, name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    if name.upper() in ("UTC", "Z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as fault:
        raise WrongUsageError(f"{option}: {name} is not a time zone that is known here") from fault


def time_of(name: str, value: str | None, zone: tzinfo) -> datetime | None:
    """Read the time of an option. Raises WrongUsageError."""
    from mailtrace.delivery.query import moment

    try:
        return None if value is None else moment(value, zone)
    except ValueError as fault:
        raise WrongUsageError(f"--{name}: {fault}") from fault
