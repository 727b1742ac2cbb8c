"""`--engine dask`: the same work by the workers of a dask cluster (the extra `cluster`); the only door to distributed.

Messages go out a few at a time and come back in input order, as with worker processes. A worker reads a message where
it stands, so the sources lie in a folder that all of them see under the same name; octets that stand in no regular file
are sent along. What a lost worker was at is done again elsewhere; what has killed several is given up, as one line.
DNS is recorded or offline: workers on other machines would ask other resolvers, and at other times.
"""

import logging
import uuid
from collections import deque
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, suppress
from typing import Any, Self

import distributed

from mailtrace._version import __version__
from mailtrace.cli.exits import Status
from mailtrace.cli.parcels import Packing, Parcel
from mailtrace.cli.stops import ClusterError
from mailtrace.cli.work import Analyst, Done, Setup

AT_ONCE = 16
"""Messages of one task at the most: the scheduler takes about a millisecond for each task."""
OCTETS_AT_ONCE = 1 << 20
"""Octets that are sent along with one task, but for a single message that has more."""
AHEAD = 4
"""Tasks for each thread of the cluster that are handed in ahead of the one that is written next."""
CONNECT_SECONDS = 15

_Waiting = tuple[list[Parcel], Any]


class Cluster:
    """A cluster that is there, or one of this machine alone."""

    def __init__(self, scheduler: str | None, jobs: int, setup: Setup, analyst: Analyst) -> None:
        """Connect, and set its workers up. Raises ClusterError."""
        self._analyst = analyst
        self._name = f"mailtrace-{uuid.uuid4()}"
        self._stack = ExitStack()
        # What goes wrong is said by us, in one line. Some of their loggers have levels of their own.
        for name in ("distributed", "tornado", "asyncio", *logging.root.manager.loggerDict):
            if name.partition(".")[0] in ("distributed", "tornado", "asyncio"):
                logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            where: Any = scheduler or self._stack.enter_context(_local(jobs))
            library: Any = distributed  # has no types for this
            self._client = self._stack.enter_context(
                library.Client(where, timeout=CONNECT_SECONDS, set_as_default=False)
            )
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
            self._client.register_plugin(Setting(self._name, setup))
        except Exception as fault:
            self._stack.close()
            where = f"the cluster at {scheduler}" if scheduler else "a cluster of this machine"
            raise ClusterError(f"{where} cannot be used: {str(fault)[:200] or type(fault).__name__}") from fault
        self._stack.callback(self._forget)

    def _forget(self) -> None:
        with suppress(Exception):  # whatever became of the cluster
            self._client.unregister_worker_plugin(self._name)

    def words(self) -> str:
        """Say what the scheduler says, for progress."""
        threads: int = sum(self._client.nthreads().values())
        return f"{threads} worker{'' if threads == 1 else 's'}"

    def results(self, items: Iterator[Parcel | Done]) -> Iterator[Done]:
        """Give what came of each, in order. Raises ClusterError if the scheduler is lost."""
        waiting: deque[_Waiting | Done] = deque()
        most = AHEAD * max(1, sum(self._client.nthreads().values()))
        try:
            for batch in _batched(items):
                waiting.append(batch if isinstance(batch, Done) else self._handed_in(batch))
                while waiting and (len(waiting) > most or _is_there(waiting[0])):
                    yield from self._taken(waiting.popleft())
            while waiting:
                yield from self._taken(waiting.popleft())
        except (CancelledError, OSError, TimeoutError) as fault:
            raise ClusterError(f"the cluster was lost: {str(fault)[:200] or type(fault).__name__}") from fault

    def _handed_in(self, batch: list[Parcel]) -> _Waiting:
        return batch, self._client.submit(work, self._name, batch, pure=False)

    def _taken(self, waiting: _Waiting | Done) -> Iterator[Done]:
        if isinstance(waiting, Done):
            yield waiting
            return
        batch, future = waiting
        try:
            found: list[Done] = future.result()
        except distributed.KilledWorker:
            yield from self._given_up(batch)
        else:
            yield from found
            for parcel in batch:
                Packing.discard(parcel)

    def _given_up(self, batch: list[Parcel]) -> Iterator[Done]:
        """Find out which message of a batch kills workers: each is handed in alone."""
        if len(batch) > 1:
            for parcel in batch:
                yield from self._taken(self._handed_in([parcel]))
            return
        words = "the workers that were at it died, one after the other"
        yield self._analyst.failed(batch[0], Status.FAULT, "worker-died", words)
        Packing.discard(batch[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()


class Setting(distributed.WorkerPlugin):
    """What every worker is set up with, those that join later too."""

    def __init__(self, name: str, setup: Setup) -> None:
        self.name = name
        self._setup = setup
        self._version = __version__
        self.analyst: Analyst | None = None

    def setup(self, worker: Any) -> None:  # noqa: ARG002 - as distributed calls it
        """Set a worker up."""
        if self._version != __version__:
            raise RuntimeError(f"a worker has mailtrace {__version__}, this is {self._version}")
        assert self._setup.dns is not None
        self.analyst = Analyst(self._setup, self._setup.dns)


def work(name: str, parcels: list[Parcel]) -> list[Done]:
    """Analyse a few messages, in a worker."""
    setting = distributed.get_worker().plugins[name]
    assert isinstance(setting, Setting)
    assert setting.analyst is not None
    analyst = setting.analyst
    return [analyst.work(parcel) for parcel in parcels]


def _local(jobs: int) -> Any:
    library: Any = distributed
    return library.LocalCluster(
        n_workers=jobs,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    )


def _batched(items: Iterator[Parcel | Done]) -> Iterator[list[Parcel] | Done]:
    """Put messages together: few at first, so that every worker soon has some."""
    batch: list[Parcel] = []
    octets, size = 0, 1
    for item in items:
        if isinstance(item, Done):
            if batch:
                yield batch
            batch, octets = [], 0
            yield item
            continue
        more = len(item.octets or b"")
        if batch and (len(batch) >= size or octets + more > OCTETS_AT_ONCE):
            yield batch
            batch, octets, size = [], 0, min(AT_ONCE, size + 1)
        batch.append(item)
        octets += more
    if batch:
        yield batch


def _is_there(waiting: _Waiting | Done) -> bool:
    return isinstance(waiting, Done) or bool(waiting[1].done())
