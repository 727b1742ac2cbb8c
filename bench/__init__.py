"""Measurements: `make bench`, `make bench SIZE=smoke`, `make bench ONLY=peers` (bench/__main__.py has the names).

Everything is a ratio inside one run on one machine: our time against a peer's, or the time for 2n against that for n.
No time is asserted. What is asserted is that mailtrace's verdicts on the generated corpus are those it was made for.
`make bench-peers` installs the peers that are not from Debian; what is not there is skipped, and the page says so.
"""
