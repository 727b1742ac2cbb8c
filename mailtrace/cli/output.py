"""Where things go: data to standard output or a file, everything else to standard error, one line each."""

import errno
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self, TextIO

from mailtrace.printable import escape

_WIDTH = 80
"""Columns where nobody says how many there are."""

DEBUG = "mailtrace.debug"
"""Where click's context keeps whether --debug was given."""


class OutputError(Exception):
    """The output cannot be written."""


class WrongUsageError(Exception):
    """The command line asks for what cannot be done, in words."""


class ClosedPipeError(Exception):
    """Whoever read the output has seen enough."""


def say(*parts: str) -> None:
    """Write one line on standard error: `mailtrace: name: what is wrong`, with nothing hostile in it."""
    say_lines([": ".join(("mailtrace", *(escape(part) for part in parts)))])


def say_lines(lines: Iterable[str]) -> None:
    """Write lines on standard error as they are: nothing hostile may be in them."""
    for line in lines:
        _tell(f"{line}\n")


def _tell(text: str) -> None:
    """Write on standard error, if there is one and somebody reads it."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text.encode("utf-8", "replace").decode())
        sys.stderr.flush()
    except OSError:
        silence(sys.stderr)


def silence(stream: TextIO | None) -> None:
    """Send what is still buffered for a stream nowhere, so that the interpreter does not complain when it ends."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # type: ignore[union-attr]  # None is suppressed
        os.close(nowhere)


def in_words(fault: Exception, *, debug: bool) -> str:
    """Describe a fault of mailtrace in one line; the traceback is printed only where it was asked for."""
    if debug:
        say_trace(traced(fault))
    return in_short(fault, debug=debug)


def in_short(fault: Exception, *, debug: bool) -> str:
    """Describe a fault of mailtrace in one line."""
    words = f"a fault in mailtrace itself: {type(fault).__name__}: {str(fault)[:200]}"
    return words if debug else f"{words} (--debug shows where)"


def traced(fault: Exception) -> str:
    """Return the traceback, with nothing hostile in it."""
    import traceback

    return escape_lines("".join(traceback.format_exception(fault)))


def say_trace(trace: str) -> None:
    """Print a traceback on standard error."""
    _tell(trace)


def escape_lines(text: str) -> str:
    """Escape everything hostile but line ends."""
    return "".join(f"{escape(line)}\n" for line in text.replace("\r", "\\r").splitlines())


def refuse_to_overwrite(written: Mapping[str, str | None], read: Iterable[str | None]) -> None:
    """Raise WrongUsageError where a file to be written (by its option) is one that is to be read: the evidence."""
    names = [name for name in read if name]
    for option, target in written.items():
        for name in names:
            if target and _is_same_file(target, name):
                raise WrongUsageError(f"{option} would write over {name}")
        # It may be named in a list, or lie in a directory: nothing that is written here looks like mail.
        if target and _holds_mail(target):
            raise WrongUsageError(f"{option} would write over {target}, which looks like mail")


def _holds_mail(target: str) -> bool:
    if not os.path.isfile(target):  # noqa: PTH113 - pathlib is slow to import
        return False
    from mailtrace.sources.kinds import HEAD, begins_like_mail

    try:
        with open(target, "rb") as file:  # noqa: PTH123
            return begins_like_mail(file.read(HEAD))
    except OSError:
        return False


def _is_same_file(one: str, other: str) -> bool:
    try:
        return os.path.isfile(one) and os.path.samefile(one, other)  # noqa: PTH113, PTH121 - pathlib is slow to import
    except (OSError, ValueError):
        return False


def reason(fault: OSError) -> str:
    """Say what the system said, without the file's name."""
    return fault.strerror or str(fault)


class Look(NamedTuple):
    """What the output can show."""

    width: int
    color: bool
    encoding: str


class Output:
    """Standard output or a file, opened before any work is done."""

    def __init__(self, path: str | None, *, behind: int | None = None) -> None:
        """Open the file; without one, take standard output. Raises OutputError.

        `behind`: go on behind so many octets of what the file holds, and drop the rest.
        """
        self._path = path
        self._stream = self._open(path, behind)
        self.written = behind or 0

    @staticmethod
    def _open(path: str | None, behind: int | None) -> BinaryIO:
        if path is None:
            if sys.stdout is None:
                raise OutputError("standard output is closed")
            return sys.stdout.buffer
        try:
            if behind is None:
                return open(path, "wb")  # noqa: PTH123 - closed by __exit__
            stream = open(path, "r+b")  # noqa: PTH123, SIM115
            stream.truncate(behind)
            stream.seek(behind)
        except OSError as fault:
            raise OutputError(f"{path}: {reason(fault)}") from fault
        return stream

    def look(self, *, width: int | None, color: str) -> Look:
        """Find out what the output can show."""
        terminal = self._path is None and sys.stdout.isatty()
        columns = width or columns_of(None if self._path is not None else sys.__stdout__)
        encoding = "utf-8" if self._path is not None else (sys.stdout.encoding or "ascii")
        return Look(width=columns, color=_colored(color, terminal=terminal), encoding=encoding)

    def write(self, text: str, encoding: str = "utf-8") -> None:
        """Write, and pass it on at once. Raises OutputError, or ClosedPipeError when nobody reads any more."""
        try:
            octets = text.encode(encoding, "backslashreplace")
            self._stream.write(octets)
            self._stream.flush()
            self.written += len(octets)
        except OSError as fault:
            self._failed(fault)

    def _failed(self, fault: OSError) -> None:
        if self._path is None:
            silence(sys.stdout)
            if fault.errno in (errno.EPIPE, errno.ESHUTDOWN):
                raise ClosedPipeError from fault
        raise OutputError(f"{self._path or 'standard output'}: {reason(fault)}") from fault

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._path is None:
            return
        try:
            self._stream.close()
        except OSError as fault:
            if kind is None:
                self._failed(fault)


def columns_of(screen: TextIO | None) -> int:
    """Return the columns that COLUMNS gives, else those of the terminal; 80 where there is neither."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    with suppress(OSError, ValueError, AttributeError):
        return os.get_terminal_size(screen.fileno()).columns or _WIDTH  # type: ignore[union-attr]  # None is suppressed
    return _WIDTH


def _colored(choice: str, *, terminal: bool) -> bool:
    """Decide on colour: the option, then NO_COLOR, then FORCE_COLOR, then whether somebody looks at it."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return terminal and os.environ.get("TERM") != "dumb"
