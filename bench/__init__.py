"""Measurements: `make bench`, `make bench ONLY=path` (or header, report, startup).

Everything is a ratio inside one run on one machine: our time against a peer's, or the time for 2n against that for n.
Nothing here is asserted, and no number of one machine is held against another's.
"""
