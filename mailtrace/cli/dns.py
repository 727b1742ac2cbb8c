"""Which resolver answers a run: the one place where the options of DNS become one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from mailtrace.cli.exits import Status
from mailtrace.cli.output import ClosedPipeError, OutputError, WrongUsageError, reason, say

if TYPE_CHECKING:
    from mailtrace.resolver import Resolver
    from mailtrace.resolver.archive import KeyArchive
    from mailtrace.resolver.live import LiveResolver
    from mailtrace.resolver.recording import RecordingResolver


class Asking(Protocol):
    """The options of a command that asks DNS."""

    @property
    def dns(self) -> str | None:
        """--dns."""

    @property
    def record(self) -> str | None:
        """--record."""

    @property
    def record_wire(self) -> bool:
        """--record-wire."""

    @property
    def offline(self) -> bool:
        """--offline."""

    @property
    def resolver(self) -> str | None:
        """--resolver."""

    @property
    def resolver_ca(self) -> str | None:
        """--resolver-ca."""

    @property
    def timeout(self) -> float | None:
        """--timeout."""

    @property
    def keys(self) -> str | None:
        """--keys."""


class Answers:
    """The resolver of a run, and how asking it went."""

    def __init__(self, resolver: "Resolver", live: "LiveResolver | None" = None) -> None:
        """Take the resolver; `live`, where answers come over the wire."""
        self.resolver = resolver
        self._live = live

    def status(self) -> Status:
        """Say in one line on standard error if a named server answered nothing at all, and how that ends a run."""
        from mailtrace.resolver import Outcome

        trouble = self._live.trouble if self._live is not None else None
        if trouble is None:
            return Status.DONE
        say("--resolver", trouble.detail)
        # A server that never says anything has not refused: what follows from that is in the report.
        return Status.DONE if trouble.outcome is Outcome.TIMEOUT else Status.UNAVAILABLE


@contextmanager
def open_answers(options: Asking) -> Iterator[Answers]:
    """Open the resolver that the options ask for; with --record, write the recording when all went well.

    Raises OSError if a file cannot be read, RecordingError if it is not a recording, WrongUsageError for a bad address,
    OutputError if the recording cannot be written.
    """
    if options.dns is not None:
        from mailtrace.resolver.recorded import load_dns

        yield Answers(load_dns(options.dns))
    elif options.offline:
        from mailtrace.resolver.offline import OfflineResolver

        yield Answers(OfflineResolver())
    else:
        yield from _live(options)


def open_keys(options: Asking) -> "KeyArchive | Status | None":
    """Read the file of --keys; a file that is none is said in one line, and ends the run."""
    if options.keys is None:
        return None
    from mailtrace.errors import RecordingError
    from mailtrace.resolver.archive import load_keys

    try:
        return load_keys(options.keys)
    except RecordingError as fault:
        say("--keys", str(fault))
        return Status.DATA
    except OSError as fault:
        say(options.keys, reason(fault))
        return Status.NO_INPUT


def _live(options: Asking) -> Iterator[Answers]:
    from mailtrace.errors import ResolverError
    from mailtrace.resolver.live import DEFAULT_TIMEOUT, live_resolver

    try:
        live = live_resolver(
            options.resolver,
            timeout=options.timeout or DEFAULT_TIMEOUT,
            authority=options.resolver_ca,
            keep_wire=options.record_wire,
        )
    except ResolverError as fault:
        raise WrongUsageError(f"--resolver: {fault}") from fault
    with live:
        if options.record is None:
            yield Answers(live, live)
        else:
            yield from _recorded(options.record, live)


def _recorded(path: str, live: "LiveResolver") -> Iterator[Answers]:
    from mailtrace.resolver.recording import RecordingResolver

    recording = RecordingResolver(live)
    try:
        yield Answers(recording, live)
    except ClosedPipeError:  # the report has been read, as far as somebody wanted it
        _save(recording, path)
        raise
    _save(recording, path)


def _save(recording: "RecordingResolver", path: str) -> None:
    try:
        recording.save(path)
    except OSError as fault:
        raise OutputError(f"{path}: {reason(fault)}") from fault
