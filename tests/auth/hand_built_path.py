"""A path built by hand, so that tests of what follows it do not depend on how it is found."""

from mailtrace.path.types import BorderSource, Hop, HopKind, Path, Received, Silence
from mailtrace.results import Standing


def received(text, **facts):
    known = dict.fromkeys(
        ("helo", "client_name", "client_ip", "by", "via", "protocol", "id", "recipient", "mail_from", "received_at",
         "tls_clause", "with_text", "authenticated"),
    )  # fmt: skip
    return Received(**(known | facts), comments=(), text=text)


def path_of(message, *, border=None, trust=(), receiver=None, internal=False, **facts):
    """Hops of all Received fields; `border` counts them from the top; `facts` are the border field's."""
    fields = message.all("Received")
    hops = []
    for at in range(len(fields) - 1, -1, -1):
        trusted = internal or (border is not None and at <= border)
        hops.append(
            Hop(
                index=len(hops),
                field=at,
                header=fields[at],
                received=received(fields[at].value, **(facts if at == border else {})),
                software=None,
                silence=Silence.UNRECORDED,
                kind=HopKind.SMTP,
                standing=Standing.TRUSTED if trusted else Standing.CLAIMED,
                delay_seconds=None,
                public=None,
            )
        )
    return Path(
        hops=tuple(hops),
        border=None if border is None else len(fields) - 1 - border,
        border_source=None if border is None else BorderSource.GIVEN if trust else BorderSource.INFERRED,
        border_reason=None,
        receiver=receiver,
        trust=tuple(trust),
        total_seconds=None,
        findings=(),
    )
