"""One run of `analyze`: messages of all sources in order, by this process or by workers, and what comes of them out."""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from mailtrace.cli.exits import Status
from mailtrace.cli.items import Item, is_message, items_of, up_to_message
from mailtrace.cli.output import Output, OutputError, WrongUsageError, reason, say, say_lines, say_trace
from mailtrace.cli.parcels import Fresh, Packing, Parcel
from mailtrace.cli.wanted import Options
from mailtrace.cli.work import Analyst, Done, Setup
from mailtrace.garbage import look_as_usual
from mailtrace.resolver import Mode, Resolver
from mailtrace.resolver.archive import KeyArchive
from mailtrace.sources import SourceFault

if TYPE_CHECKING:
    from mailtrace.cli.cluster import Cluster
    from mailtrace.cli.progress import Progress
    from mailtrace.cli.resume import Resume
    from mailtrace.cli.summary import Summary
    from mailtrace.sources.imap.access import Access


class Run:
    """One run of the command: its options, its resolver, its output."""

    def __init__(
        self,
        options: Options,
        dns: Resolver,
        output: Output,
        keys: KeyArchive | None = None,
        resume: "Resume | None" = None,
        access: "Access | None" = None,
    ) -> None:
        """Take what every message of the run shares. The clock is read here, once."""
        self._options = options
        self._dns = dns
        self._output = output
        self._keys = keys
        self._resume = resume
        self._access = access
        self._look = output.look(width=options.width, color=options.color)
        self._encoding = self._look.encoding if options.format == "text" else "utf-8"
        self._now = self._clock() if dns.mode is Mode.LIVE else None
        self._summary = self._counted() if options.summary else None
        self._progress = _progress(options)

    def _counted(self) -> "Summary":
        from mailtrace.cli.summary import Summary

        return Summary(self._resume.state.summary if self._resume else None)

    def _clock(self) -> datetime:
        resume = self._resume
        now = (resume.now if resume else None) or datetime.now(UTC).replace(microsecond=0)
        if resume is not None:
            resume.state.now = now.isoformat()
        return now

    def statuses(self) -> Iterator[Status]:
        """Analyse every message of every source, in order; one bad message never stops the rest."""
        if self._resume is not None:
            yield Status(self._resume.state.status)
        try:
            for done in self._results():
                self._put(done)
                yield done.status
        finally:
            if self._progress:
                self._progress.clear()
            self._save()
        if self._summary:
            say_lines(self._summary.lines())

    def _put(self, done: Done) -> None:
        """Write what came of one message."""
        if self._progress and (done.trace or done.complaint):
            self._progress.clear()
        if done.trace:
            say_trace(done.trace)
        if done.complaint:
            say(*done.complaint)
        if done.text:
            self._output.write(done.text, self._encoding)
        if done.key is None:
            return
        if self._resume is None:
            self._count(done)
        else:
            from mailtrace.cli.interrupts import in_one_step

            # An interruption saves what is counted: a message that is counted in part would be there for good.
            with in_one_step():
                self._count(done)
                self._resume.note(done.key, done.sha256, self._output.written, done.status)
            if self._resume.is_due():
                self._save()
        if self._progress:
            self._progress.step()

    def _count(self, done: Done) -> None:
        if self._summary and done.facts:
            self._summary.add(done.facts)

    def _save(self) -> None:
        if self._resume is None:
            return
        self._resume.state.summary = self._summary.kept() if self._summary else None
        try:
            self._resume.save()
        except OSError as fault:
            raise OutputError(f"{self._options.resume}: {reason(fault)}") from fault

    def _results(self) -> Iterator[Done]:
        """Give what came of each, in order.

        One message alone starts no process, unless it is to be a line of JSON: then the first is written before it is
        known whether there is a second. All of several are for the workers: what kills one costs one message.
        """
        items = items_of(self._options, self._access, self._progress)
        if self._resume is not None:
            items = self._resume.past(items)
        with Packing() as packing:
            if self._options.format == "jsonl" or self._resume is not None:
                several = True
                head = list(up_to_message(items))
            else:
                # How the first is printed depends on whether there is a second.
                head = [_pinned(packing, item) for item in up_to_message(items)]
                second = list(up_to_message(items))
                several = any(is_message(one) for one in second)
                items = chain(second, items)
            setup = self._setup(several=several)
            analyst = Analyst(setup, self._dns)
            if several:
                look_as_usual()
            if self._options.engine == "dask":
                yield from self._by_cluster(packing, setup, analyst, chain(head, items))
                return
            items = chain(head, items)
            if not several or self._jobs == 1:
                yield from (_worked(analyst, item) for item in items)
                return
            from mailtrace.cli.pool import Pool

            live = self._dns if self._dns.mode is Mode.LIVE else None
            with Pool(setup, analyst, self._jobs, live) as pool:
                yield from pool.results(_packed(packing, analyst, item) for item in items)

    def _by_cluster(self, packing: Packing, setup: Setup, analyst: Analyst, items: Iterator[Item]) -> Iterator[Done]:
        with _cluster(self._options, self._jobs, setup, analyst) as cluster:
            if self._progress:
                self._progress.words = cluster.words
            yield from cluster.results(_packed(packing, analyst, item) for item in items)

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


def _progress(options: Options) -> "Progress | None":
    """Draw progress for somebody who watches, and whose screen does not show the output anyway."""
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return None
    if options.output is None and sys.stdout is not None and sys.stdout.isatty():
        return None
    from mailtrace.cli.progress import Progress, octets_of

    return Progress(octets_of(options.sources) if options.files_from is None else None)


def _cluster(options: Options, jobs: int, setup: Setup, analyst: Analyst) -> "Cluster":
    try:
        from mailtrace.cli.cluster import Cluster
    except ImportError as fault:
        raise WrongUsageError("--engine dask: install mailtrace with the extra [cluster] to use it") from fault
    return Cluster(options.scheduler, jobs, setup, analyst)


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
        raw = item.raw
        return SourceFault(
            name=raw.name, position=raw.position, message=reason(fault), member=raw.member, is_missing=True
        )


def _packed(packing: Packing, analyst: Analyst, item: Item) -> Parcel | Done:
    """Make ready for a worker what is a message."""
    if not isinstance(item, Fresh):
        return item if isinstance(item, Parcel) else _worked(analyst, item)
    try:
        return packing.pack(item)
    except OSError as fault:
        return analyst.failed(item, Status.NO_INPUT, "no-such-input", reason(fault))


def _cores() -> int:
    """Return the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
