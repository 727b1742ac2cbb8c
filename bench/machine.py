"""Where it was measured: a number without its machine says nothing."""

import os
import pathlib
import platform
import sys

from mailtrace import __version__


def machine() -> str:
    """Name the processor, the interpreter and the load in one line."""
    busy = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"mailtrace {__version__}, {python}, {sys.platform}, {os.cpu_count()} x {_processor()}{busy}"


def _processor() -> str:
    info = pathlib.Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine() or "unknown processor"
