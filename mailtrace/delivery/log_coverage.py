"""What each log that was read speaks for, with what its times leave out; and what a rotated set lacks."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mailtrace.delivery.coverage import Coverage, Gap, Sampler, covers, gaps_of_set, missing_rotations, set_name
from mailtrace.delivery.events import Event, EventKind
from mailtrace.delivery.logs.times import repeated_hours
from mailtrace.delivery.opening import LogFile
from mailtrace.delivery.scan import show
from mailtrace.delivery.sentences import MONTHS
from mailtrace.delivery.watch import Watch, speaking
from mailtrace.records import replace
from mailtrace.sources.packed import UNREADABLE


def of_logs(
    logs: Iterable[LogFile],
    watches: Mapping[str, Watch],
    faults: Mapping[str, str],
    hosts: Mapping[str, Iterable[str]],
) -> list[Coverage]:
    """Say which time each log speaks for, by name. `faults`: why one could not be read to its end."""
    named = {log.name: log for log in logs}
    sets: dict[tuple[str, str], dict[str, Sampler]] = {}
    for name, log in named.items():
        sets.setdefault((set_name(name), log.format.kind), {})[name] = watches[name].sampler
    gaps = {name: found for files in sets.values() for name, found in gaps_of_set(files).items()}
    return [
        _of_log(named[name], watches[name], gaps.get(name, ()), faults.get(name), hosts[name]) for name in sorted(named)
    ]


def _of_log(log: LogFile, watch: Watch, gaps: tuple[Gap, ...], fault: str | None, hosts: Iterable[str]) -> Coverage:
    sampler, broken = watch.sampler, watch.broken_lines
    return Coverage(
        source=log.name,
        kind=log.format.kind,
        first=sampler.first,
        last=sampler.last,
        covers_query=None,
        gaps=gaps,
        hosts=tuple(sorted(hosts)),
        broken_lines=broken,
        notes=(
            *_of_times(log),
            *_of_hours(log, sampler),
            *_of_lines(broken),
            *((f"could not be read to its end: {fault}",) if fault else ()),
        ),
    )


def _of_lines(broken: int) -> tuple[str, ...]:
    return (f"{broken:,} {'line is' if broken == 1 else 'lines are'} broken, or not this log's",) if broken else ()


MAX_HOURS = 3
"""Hours that came twice which are named."""
MAX_HOSTS = 64
"""Servers of one log whose own lines are looked at."""


def of_hosts(
    logs: Sequence[LogFile], parts: Sequence[Coverage], is_wanted: Callable[[str], bool]
) -> dict[str, tuple[Coverage, ...]]:
    """Say which time each server that shares a log with others speaks for: another's lines are not its own.

    Reads these logs once more. What cannot be read covers nothing.
    """
    shared = [part for part in parts if len(part.hosts) > 1]
    hosts = sorted({host for part in shared for host in part.hosts if is_wanted(host)})[:MAX_HOSTS]
    files = {host: {set_name(part.source) for part in parts if host in part.hosts} for host in hosts}
    samplers: dict[str, dict[str, Sampler]] = {host: {} for host in hosts}
    for log in logs:
        for host in hosts:
            if set_name(log.name) in files[host]:
                mark = host.encode("utf-8", "surrogateescape")
                samplers[host][log.name] = Sampler(speaking(log.reader), log.size, host=mark)
        watching = [one[log.name] for one in samplers.values() if log.name in one]
        try:
            if watching:
                show(log, partial(_each, watching))
        except UNREADABLE:
            for one in samplers.values():
                one.pop(log.name, None)
    kinds = {log.name: log.format.kind for log in logs}
    return {host: _of_host(host, found, kinds) for host, found in samplers.items()}


def _each(samplers: Sequence[Sampler], block: bytes) -> None:
    for one in samplers:
        one(block)


def _of_host(host: str, samplers: Mapping[str, Sampler], kinds: Mapping[str, str]) -> tuple[Coverage, ...]:
    gaps = gaps_of_set(samplers)
    return tuple(
        Coverage(
            source=name,
            kind=kinds[name],
            first=one.first,
            last=one.last,
            covers_query=None,
            gaps=gaps.get(name, ()),
            hosts=(host,),
        )
        for name, one in samplers.items()
    )


def is_same_host(one: str, other: str) -> bool:
    """Tell whether two names may be of one server; logs often have the first part only."""
    first, second = one.casefold().rstrip("."), other.casefold().rstrip(".")
    if "." in first and "." in second:
        return first == second
    return first.partition(".")[0] == second.partition(".")[0]


def took_over(events: Iterable[Event]) -> Callable[[str], bool]:
    """Return what tells whether something was handed over to a server of this name."""
    peers = {one.peer.partition("[")[0].casefold() for one in events if one.kind is EventKind.RELAYED and one.peer}
    return lambda host: any(peer and is_same_host(host, peer) for peer in peers)


_CLASSIC = re.compile(rb"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ")
_NO_ZONE = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? (?![+-]\d{4})")


def _of_times(log: LogFile) -> tuple[str, ...]:
    """Say what the times of a log leave out, and what was taken for it."""
    zone = log.zone_name
    if any(_CLASSIC.match(line) for line in log.sample[:5]):
        return (
            f"the times have neither year nor zone: the year is inferred from the file's own time, the zone is {zone}",
        )
    if any(_NO_ZONE.match(line) for line in log.sample[:5]):
        return (f"the times have no zone: read as {zone}",)
    return ()


def _of_hours(log: LogFile, sampler: Sampler) -> tuple[str, ...]:
    """Say which hours came twice, where the times do not tell the one from the other."""
    if not _of_times(log) or sampler.first is None or sampler.last is None:
        return ()
    try:
        hours = repeated_hours(ZoneInfo(log.zone_name), sampler.first, sampler.last)
    except (ValueError, OSError, OverflowError, ZoneInfoNotFoundError):
        return ()
    return tuple(
        f"on {one.day} {MONTHS[one.month - 1]} {one.year} the hour from {one:%H:%M} came twice in {log.zone_name}: "
        "a time in it is read as the first one, and may be an hour later"
        for one in hours[:MAX_HOURS]
    )


def judged(parts: Sequence[Coverage], after: datetime, before: datetime) -> list[Coverage]:
    """Say of each log whether its set covers the time, and which file of the set is missing."""
    sets: dict[tuple[str, str], list[Coverage]] = {}
    for part in parts:
        sets.setdefault((set_name(part.source), part.kind), []).append(part)
    judged = []
    for group in sets.values():
        covered = covers(group, after, before)
        missing = missing_rotations(sorted(part.source for part in group))
        notes = (f"{', '.join(missing)} is missing between the others",) if missing else ()
        judged += [replace(part, covers_query=covered, notes=(*part.notes, *notes)) for part in group]
    return sorted(judged, key=lambda part: part.source)
