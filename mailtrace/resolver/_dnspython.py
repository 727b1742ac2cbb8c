"""The first import of dnspython, wherever that happens: without its HTTP client.

dnspython imports an HTTP client as soon as one is installed, whether or not DNS over HTTPS is ever asked for: 70 ms,
paid by every run. Our DNS over HTTPS brings its own client (_doh.py), so dnspython never needs to. pyspf and dkimpy
import dnspython too, to look up what they are never asked to: their adapters import them while it is `left_out`.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

try:
    import dns._features

    dns._features.force("doh", False)  # noqa: SLF001 - dnspython's own way out, though not in its manual
except (ImportError, AttributeError):  # another dnspython: it works all the same, and starts slower
    pass


@contextmanager
def left_out() -> Iterator[None]:
    """Keep dnspython out of what is imported here, unless it is loaded already: a run from a recording needs none.

    The libraries find an empty module in its place. Their own lookups would fail, and are shut in their adapters.
    """
    names = ("dns", "dns.resolver", "dns.exception")
    if "dns.resolver" in sys.modules:
        yield
        return
    kept = {name: module for name, module in sys.modules.items() if name == "dns" or name.startswith("dns.")}
    empty = {name: ModuleType(name) for name in names}
    for name in names[1:]:
        setattr(empty["dns"], name.removeprefix("dns."), empty[name])
    empty["dns"].rdatatype = SimpleNamespace(SPF=99)  # type: ignore[attr-defined]  # pyspf would patch it in
    sys.modules.update(empty)
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
        sys.modules.update(kept)
