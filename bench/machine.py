"""Where it was measured: a number without its machine says nothing."""

import os
import pathlib
import platform
import sys

from mailtrace import __version__


def machine() -> str:
    """Name the processor, the interpreter and the load in one line."""
    busy = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"mailtrace {__version__}, {interpreter()}, {sys.platform}, {os.cpu_count()} x {_processor()}{busy}"


def interpreter() -> str:
    """Name the interpreter, and whether the system brought it.

    What distributions ship is built with profiles; what pyenv builds is not, and takes a quarter more time.
    """
    whose = "the system's" if sys.base_prefix == "/usr" else "not the system's"
    return f"{platform.python_implementation()} {platform.python_version()} ({whose})"


def _processor() -> str:
    info = pathlib.Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine() or "unknown processor"
