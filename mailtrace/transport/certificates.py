"""The *client's* certificate, as the receiver saw it: what servers write of it into a Received field.

It is the certificate (or raw public key, RFC 7250) with which the sending side may have named itself. It says nothing
of the receiver's own certificate, nor of whether the sender checked that one: no Received field can. The names in it
are the client's own words, whatever was verified of it.
"""

from types import MappingProxyType

from mailtrace.patterns import lazy
from mailtrace.transport.types import ClientCertificate

_LIMIT = 600
"""Characters of a comment that are looked at, from either end."""
_NAME_LIMIT = 128
"""Characters of a name that are kept; RFC 5280 §A.1 allows 64 in a common name."""

# Sendmail's `verify=`, Haraka's after it, OpenSMTPD's last field: presented, verified. NO: none came. NOT: none was
# asked for. What is left out (NONE, TEMP, PROTOCOL, SOFTWARE) says nothing of a certificate.
_VERIFY = MappingProxyType(
    {
        "OK": (True, True),
        "TRUSTED": (True, True),
        "YES": (True, True),
        "FAIL": (True, False),
        "NO": (False, None),
        "NOT": (False, None),
    }
)
# Postfix; Yandex.
_ABSENT = frozenset(
    {"No client certificate requested", "Client did not present a certificate", "Client certificate not present"}
)
_VERDICTS = (("(verified OK)", True), ("(not verified)", False))
_SUBJECT = lazy(r'/CN=([^/"]+)')


def from_verify(word: str | None) -> ClientCertificate | None:
    """Read the word of `verify=`; None where it says nothing."""
    known = _VERIFY.get((word or "").upper())
    return None if known is None else _certificate(presented=known[0], verified=known[1])


def from_signature(signature: str | None) -> ClientCertificate | None:
    """Postfix's `client-signature`: only a client with a certificate or a raw key signs."""
    return _certificate(presented=True) if signature else None


def from_subject(text: str) -> ClientCertificate | None:
    """Read what ecelerity adds: `subject="/O=Example/CN=a.example"`."""
    _, found, subject = text.partition(' subject="')
    if not found:
        return None
    names = _SUBJECT.findall(subject[:_LIMIT])
    return _certificate(presented=True, common_name=names[0] if len(names) == 1 else None)


def from_comment(comment: str) -> ClientCertificate | None:
    """Read a comment of its own: `Client CN "...", Issuer "..." (verified OK)`, `Client RPK ...`, or that none came.

    The verdict is what the server wrote behind the names, at the end. A name may hold anything, so where the comment
    could be taken apart in two ways, neither name is given.
    """
    text = comment.strip()
    if text[:_LIMIT] in _ABSENT:
        return _certificate(presented=False)
    if not text.startswith(("Client CN ", "Client RPK ")):
        return None
    ending = " ".join(text[-_LIMIT:].split())
    verdict = next(((words, so) for words, so in _VERDICTS if ending.endswith(words)), None)
    if len(text) > _LIMIT or verdict is None:
        return _certificate(presented=True, verified=verdict[1] if verdict else None)
    said = " ".join(text.split()).removesuffix(verdict[0]).rstrip()
    if said.startswith("Client RPK "):
        return _certificate(
            presented=True, verified=verdict[1], raw_public_key=said.removeprefix("Client RPK ").strip()
        )
    names = said.removeprefix("Client CN ").split(", Issuer ")
    subject, issuer = names if len(names) == 2 else (None, None)
    return _certificate(presented=True, verified=verdict[1], common_name=_unquoted(subject), issuer=_unquoted(issuer))


def _unquoted(text: str | None) -> str | None:
    """Take the name out of its quotes. Postfix writes `(not available)` or nothing where there is none."""
    bare = (text or "").strip()
    name = bare[1:-1].strip() if len(bare) > 2 and bare[0] == bare[-1] == '"' else ""
    return name or None


def _certificate(
    *,
    presented: bool,
    verified: bool | None = None,
    common_name: str | None = None,
    issuer: str | None = None,
    raw_public_key: str | None = None,
) -> ClientCertificate:
    return ClientCertificate(
        presented=presented,
        verified=verified,
        common_name=_cut(common_name),
        issuer=_cut(issuer),
        raw_public_key=_cut(raw_public_key),
    )


def _cut(name: str | None) -> str | None:
    return name[:_NAME_LIMIT] if name else None
