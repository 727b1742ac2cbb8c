"""Domain names as DNS and the mail RFCs compare them: lower-case A-labels (RFC 5890 §2.3.2.1), no final dot.

U-labels are converted by IDNA 2008 (RFC 5891) and by nothing else. The mappings of UTS 46 are not applied:
they delete zero-width characters and soft hyphens and turn look-alikes into ASCII, so that
`ba<U+200B>nk.example` would be looked up as bank.example. A name that IDNA 2008 refuses is refused here
(None), and the refusal is worth a finding.
"""

from functools import lru_cache

MAX_NAME = 253
"""Characters of a name without its final dot (RFC 1035 §2.3.4: 255 octets on the wire)."""
MAX_LABEL = 63
"""Octets of a label, RFC 1035 §2.3.4."""

# Hyphens at either end and underscores break RFC 1123 §2.1, and are in use: `_dmarc`, careless owners' hosts.
_ASCII_LABEL = "abcdefghijklmnopqrstuvwxyz0123456789_-"


def a_labels(domain: str) -> str | None:
    """Return the name in lower-case A-labels without the final dot; None if it is not a domain name.

    Not a domain name: an address or address literal, an empty or overlong label, anything IDNA 2008 refuses.

    >>> a_labels("B\u00fccher.Example.")
    'xn--bcher-kva.example'
    >>> a_labels("ba\u200bnk.example")
    """
    # A label is never longer in Unicode than as an A-label, so an overlong name needs no conversion.
    return _a_name(domain) if domain and len(domain) <= MAX_NAME + 1 else None


@lru_cache(maxsize=4096)
def _a_name(domain: str) -> str | None:
    labels = tuple(_a_label(label) for label in domain.removesuffix(".").split("."))
    if None in labels:
        return None
    name = ".".join(label for label in labels if label is not None)
    # RFC 3696 §2: no top-level domain is all digits; `192.0.2.1` is an address.
    if len(name) > MAX_NAME or name.rpartition(".")[2].isdecimal():
        return None
    return name


def _a_label(label: str) -> str | None:
    if len(label) > MAX_LABEL:
        return None
    lowered = _lower(label)
    if lowered.isascii():
        return lowered if lowered and not lowered.strip(_ASCII_LABEL) else None
    import idna  # noqa: PLC0415 - most names are ASCII

    try:
        return idna.alabel(lowered).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None


def _lower(label: str) -> str:
    """Lower the case, but never across the border of ASCII: U+212A KELVIN SIGN is not a k."""
    return label.lower() if label.isascii() else "".join(map(_small, label))


def _small(char: str) -> str:
    small = char.lower()
    return small if len(small) == 1 and small.isascii() == char.isascii() else char


def u_labels(domain: str) -> str:
    """Return the name for display: A-labels that are valid in IDNA 2008 as U-labels, all else as it is.

    >>> u_labels("xn--bcher-kva.example")
    'b\u00fccher.example'
    """
    if len(domain) > MAX_NAME + 1:
        return domain
    return ".".join(map(_u_label, domain.split(".")))


def _u_label(label: str) -> str:
    if not label.lower().startswith("xn--") or len(label) > MAX_LABEL:
        return label
    import idna  # noqa: PLC0415 - most names are ASCII

    try:
        return idna.ulabel(label)
    except (idna.IDNAError, UnicodeError):
        return label
