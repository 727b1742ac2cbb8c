"""What the command line of `analyze` says, however it was read, and what of it does not go together."""

from typing import TYPE_CHECKING, Any, NamedTuple

from mailtrace.cli.exits import CONDITIONS, DEFAULT_CONDITIONS
from mailtrace.cli.output import WrongUsageError

if TYPE_CHECKING:
    from mailtrace.auth.types import Session


class Options(NamedTuple):
    """What the command line of `analyze` says; the defaults are those of the help."""

    sources: tuple[str, ...] = ()
    files_from: str | None = None
    null: bool = False
    dns: str | None = None
    record: str | None = None
    record_wire: bool = False
    offline: bool = False
    resolver: str | None = None
    resolver_ca: str | None = None
    timeout: float | None = None
    imap_ca: str | None = None
    imap_timeout: float | None = None
    no_prefetch: bool = False
    format: str = "text"
    output: str | None = None
    trust: tuple[str, ...] = ()
    keys: str | None = None
    client_ip: str | None = None
    helo: str | None = None
    mail_from: str | None = None
    lint: bool = False
    policy: str = "default"
    jobs: int | None = None
    resume: str | None = None
    summary: bool = False
    engine: str = "processes"
    scheduler: str | None = None
    fail_on: tuple[str, ...] = DEFAULT_CONDITIONS
    verbose: bool = False
    explain_hops: bool = False
    debug: bool = False
    width: int | None = None
    color: str = "auto"

    def session(self) -> "Session | None":
        """Return what the examiner knows of the SMTP session; None without any of it."""
        from mailtrace.auth.types import Session, Source

        def given(value: str | None) -> Source | None:
            return None if value is None else Source.GIVEN

        if self.client_ip is self.helo is self.mail_from is None:
            return None
        return Session(
            client_ip=self.client_ip,
            client_ip_source=given(self.client_ip),
            helo=self.helo,
            helo_source=given(self.helo),
            mail_from=self.mail_from,
            mail_from_source=given(self.mail_from),
        )


def read(*, json: bool, jsonl: bool, **given: Any) -> Options:
    """Build the options. Raises WrongUsageError, in one line, for what does not go together."""
    _refuse_together(given)
    given["format"] = _format(given["format"], json=json, jsonl=jsonl)
    if not given["sources"] and given["files_from"] is None:
        given["sources"] = ("-",)
    if [*given["sources"], given["files_from"]].count("-") > 1:
        raise WrongUsageError("standard input can be read only once")
    return Options(**given)


_NOT_WITH = (
    ("dns", "offline"),
    ("dns", "record"),
    ("dns", "resolver"),
    ("offline", "record"),
    ("offline", "resolver"),
    ("offline", "lint"),
    ("resume", "record"),
)
_ONLY_WITH = (("record_wire", "record"), ("resolver_ca", "resolver"), ("null", "files_from"))


def _refuse_together(given: dict[str, Any]) -> None:
    for one, other in _NOT_WITH:
        if given[one] and given[other]:
            raise WrongUsageError(f"--{one} cannot be used with --{other}")
    for one, other in _ONLY_WITH:
        if given[one] and not given[other]:
            raise WrongUsageError(f"--{one.replace('_', '-')} needs --{other.replace('_', '-')}")
    if given["scheduler"] and given["engine"] != "dask":
        raise WrongUsageError("--scheduler needs --engine dask")
    if given["engine"] == "dask" and not given["dns"] and not given["offline"]:
        raise WrongUsageError("--engine dask needs --dns or --offline: its workers must all be told the same")


def _format(name: str | None, *, json: bool, jsonl: bool) -> str:
    named = [word for word in (name, json and "json", jsonl and "jsonl") if word]
    if len(set(named)) > 1:
        raise WrongUsageError(f"one format only, not {' and '.join(dict.fromkeys(named))}")
    return named[0] if named else "text"


def conditions_of(words: str) -> tuple[str, ...]:
    """Read the list of --fail-on. Raises ValueError, in words, for one that is none."""
    named = tuple(dict.fromkeys(word.strip().lower() for word in words.split(",") if word.strip()))
    if named == ("none",):
        return ()
    unknown = [word for word in named if word not in CONDITIONS]
    if unknown or not named:
        raise ValueError(f"{', '.join(unknown) or 'nothing'} is not one of: {', '.join(CONDITIONS)}; or none alone")
    return named
