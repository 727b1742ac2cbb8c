"""The one place where the ways a run can end become its exit status."""

import errno
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mailtrace.cli.exits import Status
from mailtrace.cli.output import ClosedPipeError, OutputError, WrongUsageError, in_words, reason, say, silence


def ended(
    run: Callable[[], int],
    command: Callable[[], str | None],
    debug: Callable[[], bool],
    passed_on: tuple[type[BaseException], ...] = (),
) -> int:
    """Run, write out what standard output still holds, and return the status; say in one line what went wrong.

    `command` names what runs, `debug` tells whether its tracebacks are wanted: both are known only then. Exceptions of
    the kinds `passed_on` are somebody else's to put into words.
    """
    try:
        with output_faults():
            status = run()
            if sys.stdout is not None:
                sys.stdout.flush()
            return status
    except passed_on:
        raise
    except KeyboardInterrupt:
        say("interrupted")
        return Status.INTERRUPTED
    except ClosedPipeError:
        return Status.DONE
    except OutputError as fault:
        say(str(fault))
        return Status.OUTPUT
    except WrongUsageError as fault:
        say(*filter(None, (command(),)), str(fault))
        return Status.USAGE
    except Exception as fault:  # noqa: BLE001 - the last net: a person is never shown a traceback unasked
        say(in_words(fault, debug=debug()))
        return Status.FAULT


@contextmanager
def output_faults() -> Iterator[None]:
    """Name the faults of standard output before click does: it would end a closed pipe with 1."""
    try:
        yield
    except OSError as fault:
        silence(sys.stdout)
        if fault.errno == errno.EPIPE:
            raise ClosedPipeError from fault
        raise OutputError(f"standard output: {reason(fault)}") from fault
