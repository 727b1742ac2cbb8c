"""Libraries that import dnspython to look up what they are never asked to: pyspf and dkimpy are imported without it.

dnspython takes longer to import than all the rest of a run from a recording, which needs none of it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace


@contextmanager
def left_out() -> Iterator[None]:
    """Keep dnspython out of what is imported here, unless it is loaded already.

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
