"""Worker processes: messages in, what came of them out, in the order of the input.

Of our own making, because of what it holds to: a worker that dies costs the one message it was at; nothing is read far
ahead of what has been written; an interruption ends at once and leaves no process behind. A worker is given a few
messages at a time, so many as take it a twentieth of a second, and reads them itself.
"""

import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Self

from mailtrace.cli.exits import Status
from mailtrace.cli.parcels import Packing, Parcel
from mailtrace.cli.work import Analyst, Done, Setup
from mailtrace.resolver import Resolver
from mailtrace.resolver.piped import PipedResolver, serve

MOST_AT_ONCE = 16
"""Messages that a worker is given at once at the most."""
SECONDS_AT_ONCE = 0.05
AHEAD = 32
"""Messages for each worker that are read ahead of the one that is written next."""
_STARTS = 3
"""Workers that may die before they are ready, one after the other."""
_PATIENCE = 2.0


class _Worker:
    """A worker process, from the parent's side."""

    def __init__(self, process: BaseProcess, pipe: Connection, questions: Connection | None) -> None:
        self.process = process
        self.pipe = pipe
        self.questions = questions
        self.batch: deque[tuple[int, Parcel]] = deque()
        self.ready = False
        self._size = 1
        self._given = 0
        self._since = 0.0

    def wants(self) -> int:
        """Return how many messages it is to be given; 0 if it is busy."""
        return 0 if self.batch else self._size

    def give(self, batch: list[tuple[int, Parcel]]) -> None:
        self.batch.extend(batch)
        self._given, self._since = len(batch), time.monotonic()
        with suppress(OSError):  # it is dead: that is seen when its answer is waited for
            self.pipe.send([parcel for _, parcel in batch])

    def take(self) -> tuple[int, Parcel]:
        """Count one message as done."""
        done = self.batch.popleft()
        if not self.batch:
            each = (time.monotonic() - self._since) / self._given
            self._size = max(1, min(MOST_AT_ONCE, 2 * self._size, int(SECONDS_AT_ONCE / max(each, 1e-6))))
        return done

    def close(self) -> None:
        self.pipe.close()
        if self.questions is not None:
            self.questions.close()


class Pool:
    """The workers. `live`: the resolver that they ask through; None where each has its answers itself."""

    def __init__(self, setup: Setup, analyst: Analyst, jobs: int, live: Resolver | None) -> None:
        """Take what workers are set up with; `analyst` words what a dead one leaves. Nothing is started yet."""
        self._setup = setup
        self._analyst = analyst
        self._jobs = jobs
        self._live = live
        self._workers: list[_Worker] = []
        self._queue: deque[tuple[int, Parcel]] = deque()
        self._done: dict[int, Done] = {}
        self._taken = self._given_back = self._unready = 0
        self._answering = False

    def results(self, items: Iterator[Parcel | Done]) -> Iterator[Done]:
        """Give what came of each, in order; what is done already keeps its place."""
        source: Iterator[Parcel | Done] | None = items
        while True:
            source = self._read_one(source)
            more = source is not None and self._has_room()
            self._dispatch()
            while self._given_back in self._done:
                yield self._done.pop(self._given_back)
                self._given_back += 1
            if source is None and self._given_back == self._taken:
                return
            self._collect(block=not more)

    def _has_room(self) -> bool:
        # What comes of the first is given back before the second is waited for: the input may be slow to come.
        if self._taken and not self._given_back:
            return False
        return self._taken - self._given_back < AHEAD * self._jobs

    def _read_one(self, source: Iterator[Parcel | Done] | None) -> Iterator[Parcel | Done] | None:
        """Take the next, if there is room for it; None when there are no more."""
        if source is None or not self._has_room():
            return source
        item = next(source, None)
        if item is None:
            return None
        if isinstance(item, Done):
            self._done[self._taken] = item
        else:
            self._queue.append((self._taken, item))
        self._taken += 1
        return source

    def _dispatch(self) -> None:
        """Give messages to idle workers; what was read while they were busy makes a batch."""
        if self._queue and len(self._workers) < self._jobs and not any(w.wants() for w in self._workers):
            self._start_some()
        for worker in self._workers:
            if batch := [self._queue.popleft() for _ in range(min(worker.wants(), len(self._queue)))]:
                worker.give(batch)

    def _collect(self, *, block: bool) -> None:
        pipes = {worker.pipe: worker for worker in self._workers if worker.batch}
        if not pipes:
            return
        for pipe in wait(list(pipes), None if block else 0):
            assert isinstance(pipe, Connection)
            self._receive(pipes[pipe])

    def _receive(self, worker: _Worker) -> None:
        try:
            done: Done | None = worker.pipe.recv()
        except (EOFError, OSError):
            self._bury(worker)
            return
        if done is None:
            worker.ready, self._unready = True, 0
            return
        index, parcel = worker.take()
        self._done[index] = done
        Packing.discard(parcel)

    def _bury(self, worker: _Worker) -> None:
        """Count the message that a dead worker was at as lost, and have the others of its batch done again."""
        self._workers.remove(worker)
        worker.close()
        worker.process.join(_PATIENCE)
        if not worker.ready:
            self._unready += 1
            if self._unready >= _STARTS:
                raise RuntimeError(f"worker processes do not start ({_how(worker.process)})")
        elif worker.batch:
            index, parcel = worker.batch.popleft()
            words = f"the worker process that was at it died ({_how(worker.process)})"
            self._done[index] = self._analyst.failed(parcel, Status.FAULT, "worker-died", words)
            Packing.discard(parcel)
        self._queue.extendleft(reversed(worker.batch))

    def _start_some(self) -> None:
        """Start a worker; where threads are going to answer them, all at once: no fork may follow a thread."""
        first = self._live is not None and not self._answering
        started = [self._started() for _ in range(self._jobs if first else 1)]
        if self._live is not None:
            self._answering = True
            for worker in started:
                threading.Thread(target=serve, args=(worker.questions, self._live), daemon=True).start()

    def _started(self) -> _Worker:
        context = _context(may_fork=self._live is None or threading.active_count() == 1)
        ours, theirs = context.Pipe()
        questions, asks = context.Pipe() if self._live is not None else (None, None)
        inherited: tuple[Any, ...] = ()
        if context.get_start_method() == "fork":
            inherited = (ours, questions, *(w.pipe for w in self._workers), *(w.questions for w in self._workers))
        process = context.Process(  # type: ignore[attr-defined]  # every context has it
            target=work, args=(theirs, asks, self._setup, tuple(filter(None, inherited))), daemon=True
        )
        with _uninterrupted():
            process.start()
        theirs.close()
        if asks is not None:
            asks.close()
        worker = _Worker(process, ours, questions)
        self._workers.append(worker)
        return worker

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(_PATIENCE)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.close()


def work(pipe: Connection, asks: Connection | None, setup: Setup, inherited: tuple[Connection, ...]) -> None:
    """Work in a process of its own until the other end of the pipe is closed.

    `inherited`: ends of pipes that are the parent's; while they are open here as well, nobody sees it end.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in inherited:
        other.close()
    dns = setup.dns if asks is None else PipedResolver(asks)
    assert dns is not None
    analyst = Analyst(setup, dns)
    with suppress(EOFError, OSError):
        pipe.send(None)
        while True:
            for parcel in pipe.recv():
                pipe.send(analyst.work(parcel))


def _context(*, may_fork: bool) -> BaseContext:
    """Fork where that is safe: it is cheap, and shares what is imported. Elsewhere a process starts from nothing."""
    return get_context("fork" if sys.platform == "linux" and may_fork else "spawn")


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back, so that it finds no worker that does not yet know whom it is for."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _how(process: BaseProcess) -> str:
    """Say how a process ended."""
    code = process.exitcode
    return f"signal {-code}" if code is not None and code < 0 else f"status {code}"
