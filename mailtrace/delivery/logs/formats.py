"""All dialects that are read. Each file is of one of them at most: none recognises what another one does."""

from mailtrace.delivery.logs import LogFormat
from mailtrace.delivery.logs.exim import EximFormat
from mailtrace.delivery.logs.syslog import SyslogFormat

FORMATS: tuple[LogFormat, ...] = (
    SyslogFormat(kind="postfix-log"),
    EximFormat(),
)
