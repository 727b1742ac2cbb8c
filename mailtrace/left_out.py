"""Libraries import what they need for things that are never asked of them; here that is left out.

dnspython alone takes longer to import than all the rest of a run from a recording, which needs none of it.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any

from mailtrace.patterns import lazy


def empty(name: str, **attributes: object) -> ModuleType:
    """Return a module that has these attributes and nothing else."""
    module = ModuleType(name)
    vars(module).update(attributes)
    return module


def later(name: str, **attributes: object) -> ModuleType:
    """Return a module that has these attributes, and takes every other from the real one, once that is not left out."""

    def from_the_real_one(attribute: str) -> object:
        if attribute.startswith("__") or sys.modules.get(name) is module:
            raise AttributeError(f"{name} has no {attribute} for now")
        return getattr(import_module(name), attribute)

    module = empty(name, __getattr__=from_the_real_one, **attributes)
    return module


def function_later(module: str, name: str) -> Callable[..., Any]:
    """Return what calls a function of a module, and imports it for that."""

    def call(*arguments: Any, **keywords: Any) -> Any:
        return getattr(import_module(module), name)(*arguments, **keywords)

    return call


RE = empty("re", **{**vars(re), "compile": lazy})
"""`re` for a library that has more patterns than one message needs: they are compiled when they are used."""

_RESOLVER, _EXCEPTION = empty("dns.resolver"), empty("dns.exception")
_RDATATYPE = SimpleNamespace(SPF=99)  # pyspf would patch it in
DNSPYTHON = (
    _RESOLVER,
    _EXCEPTION,
    empty("dns", resolver=_RESOLVER, exception=_EXCEPTION, rdatatype=_RDATATYPE),
)
"""What pyspf and dkimpy find in its place. Their own lookups would fail, and are shut in their adapters."""


@contextmanager
def left_out(*packages: tuple[ModuleType, ...], instead: tuple[ModuleType, ...] = ()) -> Iterator[None]:
    """Let these modules be found by what is imported here; a package whose first one is loaded stays as it is.

    `instead`: modules that are found in place of loaded ones, too.
    """
    placed = {module.__name__: module for module in instead}
    for package in packages:
        if package[0].__name__ not in sys.modules:
            placed.update({module.__name__: module for module in package})
    kept = {name: sys.modules[name] for name in placed if name in sys.modules}
    sys.modules.update(placed)
    try:
        yield
    finally:
        for name in placed:
            del sys.modules[name]
        sys.modules.update(kept)
