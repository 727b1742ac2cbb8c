"""The first import of dnspython, wherever that happens: without its HTTP client.

dnspython imports an HTTP client as soon as one is installed, whether or not DNS over HTTPS is ever asked for: 70 ms,
paid by every run. Our DNS over HTTPS brings its own client (_doh.py), so dnspython never needs to.
"""

try:
    import dns._features

    dns._features.force("doh", False)  # noqa: SLF001 - dnspython's own way out, though not in its manual
except (ImportError, AttributeError):  # another dnspython: it works all the same, and starts slower
    pass
