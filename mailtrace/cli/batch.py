"""One run of `analyze`: messages of all sources in order, by this process or by workers, and what comes of them out."""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from mailtrace.cli.exits import Status
from mailtrace.cli.names import NamesError, names
from mailtrace.cli.options import Options
from mailtrace.cli.output import Output, reason, say, say_trace
from mailtrace.cli.parcels import Fresh, Packing, Parcel, fresh, shown
from mailtrace.cli.pool import Pool
from mailtrace.cli.work import Analyst, Done, Setup
from mailtrace.resolver import Mode, Resolver
from mailtrace.resolver.archive import KeyArchive
from mailtrace.sources import Reader, SourceFault

Item = Fresh | Parcel | SourceFault | Done


class Run:
    """One run of the command: its options, its resolver, its output."""

    def __init__(self, options: Options, dns: Resolver, output: Output, keys: KeyArchive | None = None) -> None:
        """Take what every message of the run shares. The clock is read here, once."""
        self._options = options
        self._dns = dns
        self._output = output
        self._keys = keys
        self._look = output.look(width=options.width, color=options.color)
        self._encoding = self._look.encoding if options.format == "text" else "utf-8"
        self._now = datetime.now(UTC).replace(microsecond=0) if dns.mode is Mode.LIVE else None

    def statuses(self) -> Iterator[Status]:
        """Analyse every message of every source, in order; one bad message never stops the rest."""
        for done in self._results():
            if done.trace:
                say_trace(done.trace)
            if done.complaint:
                say(*done.complaint)
            if done.text:
                self._output.write(done.text, self._encoding)
            yield done.status

    def _results(self) -> Iterator[Done]:
        """Give what came of each, in order. One message alone starts no process."""
        items = self._items()
        with Packing() as packing:
            if self._options.format == "jsonl":
                several = True
                head = list(_up_to_message(items))
            else:
                # How the first is printed depends on whether there is a second.
                head = [_pinned(packing, item) for item in _up_to_message(items)]
                second = list(_up_to_message(items))
                several = any(_is_message(one) for one in second)
                items = chain(second, items)
            setup = self._setup(several=several)
            analyst = Analyst(setup, self._dns)
            if not several or self._jobs == 1:
                yield from (_worked(analyst, item) for item in chain(head, items))
                return
            yield from (_worked(analyst, item) for item in head)
            live = self._dns if self._dns.mode is Mode.LIVE else None
            with Pool(setup, analyst, self._jobs, live) as pool:
                yield from pool.results(_packed(packing, analyst, item) for item in items)

    @property
    def _jobs(self) -> int:
        return self._options.jobs or _cores()

    def _setup(self, *, several: bool) -> Setup:
        return Setup(
            options=self._options,
            look=self._look,
            several=several,
            now=self._now,
            keys=self._keys,
            dns=None if self._dns.mode is Mode.LIVE else self._dns,
        )

    def _items(self) -> Iterator[Item]:
        """Give messages, faults, and what is to be said between them. Nothing raises but an interruption."""
        options = self._options
        separator = b"\0" if options.null else b"\n"
        try:
            for name in names(options.sources, options.files_from, separator=separator):
                yield from _of_source(name)
        except OSError as fault:
            where = options.files_from or "--files-from"
            yield Done(status=Status.NO_INPUT, complaint=(where, reason(fault)))
        except NamesError as fault:
            yield Done(status=Status.DATA, complaint=(options.files_from or "--files-from", str(fault)))


def _of_source(name: str) -> Iterator[Item]:
    reader = Reader(name, _standard_input(name))
    for item in reader:
        yield item if isinstance(item, SourceFault) else fresh(item)
    if reader.passed_over:
        files = "1 file" if reader.passed_over == 1 else f"{reader.passed_over:,} files"
        yield Done(status=Status.DONE, complaint=(shown(name), f"{files} passed over: no mail in them"))


def _is_message(item: Item) -> bool:
    return not isinstance(item, Done)


def _up_to_message(items: Iterator[Item]) -> Iterator[Item]:
    """Give the next message, and what is said before it."""
    for item in items:
        yield item
        if _is_message(item):
            return


def _worked(analyst: Analyst, item: Item) -> Done:
    if isinstance(item, Done):
        return item
    return analyst.unreadable(item) if isinstance(item, SourceFault) else analyst.work(item)


def _pinned(packing: Packing, item: Item) -> Item:
    """Make a message one that outlives the reading of the next."""
    if not isinstance(item, Fresh):
        return item
    try:
        return packing.pack(item)
    except OSError as fault:
        return SourceFault(
            name=item.raw.name,
            position=item.raw.position,
            message=reason(fault),
            member=item.raw.member,
            is_missing=True,
        )


def _packed(packing: Packing, analyst: Analyst, item: Item) -> Parcel | Done:
    """Make ready for a worker what is a message."""
    if not isinstance(item, Fresh):
        return item if isinstance(item, Parcel) else _worked(analyst, item)
    try:
        return packing.pack(item)
    except OSError as fault:
        return analyst.failed(item, Status.NO_INPUT, "no-such-input", reason(fault))


def _standard_input(name: str) -> Any:
    """Return standard input as octets, and say so where a person might wait for nothing."""
    if name != "-":
        return None
    if sys.stdin is None:
        raise OSError("standard input is closed")
    if sys.stdin.isatty():
        say("reading a message from standard input")
    return sys.stdin.buffer


def _cores() -> int:
    """Return the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
