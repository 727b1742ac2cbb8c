"""mailtrace: email forensics. See `mailtrace.report.analyze` for the whole pipeline in twelve lines.

The library's two functions are here as doors: they import the pipeline when they are called, so that importing the
package, as the command does for `--help`, costs nothing.
"""

from typing import TYPE_CHECKING, Any, BinaryIO

from mailtrace._version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from mailtrace.report import Report
    from mailtrace.resolver import Resolver
    from mailtrace.resolver.archive import KeyArchive
    from mailtrace.resolver.recorded import RecordedResolver

__all__ = ["__version__", "analyze", "load_dns", "load_keys"]


def analyze(raw: bytes | BinaryIO, *, dns: "Resolver", **options: Any) -> "Report":
    """Analyse one message; the options are those of `mailtrace.report.analyze`."""
    from mailtrace.report import analyze as pipeline  # noqa: PLC0415 - a door

    return pipeline(raw, dns=dns, **options)


def load_dns(path: "str | Path") -> "RecordedResolver":
    """Read a DNS recording or zone file. Raises RecordingError if it is none, OSError if it cannot be read."""
    from mailtrace.resolver.recorded import load_dns as load  # noqa: PLC0415 - a door

    return load(path)


def load_keys(path: "str | Path") -> "KeyArchive":
    """Read DKIM keys from elsewhere than DNS. Raises RecordingError if they are none, OSError if unreadable."""
    from mailtrace.resolver.archive import load_keys as load  # noqa: PLC0415 - a door

    return load(path)
