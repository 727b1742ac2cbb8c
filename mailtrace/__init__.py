"""mailtrace: email forensics. See `mailtrace.report.analyze` for the whole pipeline in twelve lines."""

from typing import TYPE_CHECKING, Any

from mailtrace._version import __version__

if TYPE_CHECKING:
    from mailtrace.report import Report, analyze
    from mailtrace.resolver.recorded import load_dns

__all__ = ["Report", "__version__", "analyze", "load_dns"]

_DOORS = {
    "Report": "mailtrace.report",
    "analyze": "mailtrace.report",
    "load_dns": "mailtrace.resolver.recorded",
}


def __getattr__(name: str) -> Any:
    """Import the public names when they are first asked for, so that `mailtrace --help` stays light."""
    if name not in _DOORS:
        raise AttributeError(f"module 'mailtrace' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - the one lazy door of the library

    return getattr(import_module(_DOORS[name]), name)
