"""Hops written by hand, with the fields that a case is about."""

from mailtrace.message.types import HeaderField
from mailtrace.path.types import BorderSource, Hop, HopKind, Path, Received, Silence
from mailtrace.results import Standing

NOTHING = dict.fromkeys(name for name in Received.__struct_fields__ if name != "kept")


def received(text="from a.example by mx.example.com", **fields):
    return Received(**{**NOTHING, "comments": (), "by": "mx.example.com", "text": text, **fields})


def hop(
    *,
    index=0,
    software="Postfix",
    silence=Silence.CLEARTEXT,
    kind=HopKind.SMTP,
    standing=Standing.TRUSTED,
    public=True,
    **fields,
):
    read = received(**{"client_ip": "192.0.2.1", "client_name": "a.example", "protocol": "ESMTP", **fields})
    return Hop(
        index=index,
        field=0,
        header=HeaderField(name="Received", raw=b"", value=read.text, index=3, line=7),
        received=read,
        software=software,
        silence=silence,
        kind=kind,
        standing=standing,
        delay_seconds=None,
        public=public,
    )


def path(*hops):
    return Path(
        hops=hops,
        border=0 if hops else None,
        border_source=BorderSource.INFERRED if hops else None,
        border_reason=None,
        receiver="example.com",
        trust=(),
        total_seconds=None,
        findings=(),
    )
