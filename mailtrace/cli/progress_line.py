"""Progress of `find`: which source is read."""

import sys

import click

from mailtrace.printable import escape


class Shown:
    """One line of progress on standard error, on a terminal only."""

    def __init__(self) -> None:
        self._is_on = sys.stderr is not None and sys.stderr.isatty()

    def progress(self, name: str, at: int, of: int) -> None:
        """Say which source is read."""
        if self._is_on:
            click.echo(f"\r\x1b[Kreading {at + 1} of {of}: {escape(name)[:60]}", err=True, nl=False)

    def clear(self) -> None:
        """Leave no trace of it."""
        if self._is_on:
            click.echo("\r\x1b[K", err=True, nl=False)
