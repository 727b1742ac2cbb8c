"""All dialects that are read. Each file is of one of them at most: none recognises what another one does."""

from mailtrace.delivery.logs import LogFormat
from mailtrace.delivery.logs.dovecot import DovecotFormat
from mailtrace.delivery.logs.exchange import ExchangeFormat
from mailtrace.delivery.logs.exim_file import EximFormat
from mailtrace.delivery.logs.google import GoogleFormat
from mailtrace.delivery.logs.microsoft365 import Microsoft365Format
from mailtrace.delivery.logs.rspamd import RspamdFormat
from mailtrace.delivery.logs.syslog import KINDS, SyslogFormat

FORMATS: tuple[LogFormat, ...] = (
    *(SyslogFormat(kind=kind) for kind in KINDS),
    EximFormat(),
    DovecotFormat(),
    RspamdFormat(),
    ExchangeFormat(),
    Microsoft365Format(),
    GoogleFormat(),
)
