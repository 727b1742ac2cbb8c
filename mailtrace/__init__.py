"""mailtrace: email forensics.

    from mailtrace import analyze, load_dns
    report = analyze(raw_bytes, dns=load_dns("msg.dns.json"))
"""

from mailtrace._version import __version__

__all__ = ["__version__"]
