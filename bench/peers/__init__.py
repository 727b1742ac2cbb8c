"""The peers: each a program of its own that judges a corpus and says what it cost and what it found.

A peer is called with the corpus's directory and the share of it to take. It prints one JSON object: `versions`, `cpu`
and `wall` seconds of the loop, `classes` and `kinds` (CPU seconds and messages of each), `rss` (peak, octets) and
`verdicts`, one a message: `dkim` ([domain, passed] pairs), `spf`, `dmarc`, `arc`; what a peer does not judge is left
out. In the manifest a null reverse-path is `<>`; peers are given it in the form that they know.
Start-up, the manifest and the zone are not timed, nor is the first message, which is done once before.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PLACE = HERE.parent / ".peers"
"""Where `make bench-peers` puts what is not from Debian."""


class MissingPeerError(Exception):
    """It is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One of them; `command` gives the words before the corpus and the share, or raises MissingPeerError."""

    name: str
    what: str
    command: Callable[[], Sequence[str]]
    after: Sequence[str] = ()
    share: float = 1.0
    """Of the corpus: less for one that takes long."""


def node() -> str:
    """Return node, the one beside mailauth first: mailauth 7 wants one that Debian does not have."""
    own = PLACE / "node_modules/.bin/node"
    found = str(own) if own.exists() else shutil.which("node")
    if found is None or not (PLACE / "node_modules/mailauth").is_dir():
        raise MissingPeerError("not installed (make bench-peers)")
    return found


def _python(module: str) -> Callable[[], Sequence[str]]:
    return lambda: [sys.executable, "-m", f"bench.peers.{module}"]


def _mailauth() -> Sequence[str]:
    return [node(), str(HERE / "mailauth_loop.mjs")]


def _perl() -> Sequence[str]:
    perl = shutil.which("perl")
    probe = [perl or "perl", "-MMail::DKIM::Verifier", "-e1"]
    if perl is None or subprocess.run(probe, capture_output=True, check=False).returncode:
        raise MissingPeerError("not installed (Debian: libmail-dkim-perl libmail-spf-perl libmail-dmarc-perl)")
    return [perl, str(HERE / "mail_dkim_loop.pl")]


def _authheaders() -> Sequence[str]:
    python = PLACE / "python/bin/python"
    if not os.access(python, os.X_OK):
        raise MissingPeerError("not installed (make bench-peers)")
    return [str(python), "-m", "bench.peers.authheaders_loop"]


def _rspamd() -> Sequence[str]:
    rspamd = shutil.which("rspamd")
    if rspamd is None:
        raise MissingPeerError("not installed (Debian: rspamd)")
    if not Path("/proc/self/stat").is_file():
        raise MissingPeerError("its processes are found in /proc, which this system does not have")
    return [sys.executable, "-m", "bench.peers.rspamd_loop", rspamd]


OURS = Peer(name="mailtrace", what="the whole report", command=_python("mailtrace_loop"))
LIMIT = Peer(name="limit", what="read, SHA-256, one RSA verification", command=_python("limit_loop"))
MAILAUTH = Peer(name="mailauth", what="SPF, DKIM, DMARC, ARC, Received parsed", command=_mailauth, after=(str(PLACE),))
NAIVE = Peer(name="naive", what="email, dkimpy, pyspf", command=_python("naive_loop"))
PERL = Peer(name="Mail::DKIM", what="with ARC, Mail::SPF, Mail::DMARC", command=_perl)
AUTHHEADERS = Peer(name="authheaders", what="DKIM, DMARC, with pyspf", command=_authheaders, share=0.05)
RSPAMD = Peer(name="rspamd", what="verdict oracle, not the same work", command=_rspamd)
PEERS = (LIMIT, OURS, MAILAUTH, PERL, NAIVE, AUTHHEADERS, RSPAMD)
