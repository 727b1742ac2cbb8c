"""What starting the program costs: help loads nothing heavy, and a recorded run no HTTP client."""

import json
import pathlib
import subprocess
import sys

import pytest

SAMPLES = pathlib.Path(__file__).parents[2] / "samples"
HEAVY = ("rich", "dns", "dkim", "spf", "checkdmarc", "cryptography", "msgspec", "publicsuffixlist", "idna")
HTTP_CLIENTS = ("httpx", "httpx2", "httpcore", "httpcore2", "requests", "urllib3", "h2", "anyio", "hpack")

MESSAGE = b"""\
Return-Path: <ann@example.com>\r
Received: from mail.example.com (mail.example.com [192.0.2.1])\r
\tby mx.example.net (Postfix) with ESMTPS id 4ABC\r
\tfor <bob@example.net>; Fri, 1 May 2026 10:00:00 +0000\r
From: Ann <ann@example.com>\r
To: bob@example.net\r
Subject: Hello\r
Date: Fri, 1 May 2026 10:00:00 +0000\r
\r
Hello.\r
"""
RECORDING = {
    "mailtrace_dns": 1,
    "recorded_at": "2026-05-01T10:00:00Z",
    "default": "NXDOMAIN",
    "answers": {
        "example.com": {"TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]},
        "_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject"]},
    },
}


def loaded(code, *, among, argv=()):
    """Run the code in a fresh interpreter; return which of the packages it has loaded at its end."""
    report = f"""
import atexit, json, sys
atexit.register(lambda: print("LOADED " + json.dumps([n for n in {list(among)!r} if n in sys.modules]), file=sys.stderr))
sys.argv = ["mailtrace", *{list(argv)!r}]
{code}
"""
    run = [sys.executable, "-W", "ignore", "-c", report]
    done = subprocess.run(run, capture_output=True, text=True, timeout=120, check=False)
    marks = [line.removeprefix("LOADED ") for line in done.stderr.splitlines() if line.startswith("LOADED ")]
    assert marks, done.stderr[-2000:]
    return json.loads(marks[-1]), done


def test_importing_the_package_loads_nothing_heavy():
    assert loaded("import mailtrace", among=(*HEAVY, "click"))[0] == []


def test_importing_the_commands_loads_nothing_heavy():
    assert loaded("import mailtrace.cli", among=(*HEAVY, "click"))[0] == []


NOT_FOR_HELP = ("decimal", "gettext", "inspect", "pathlib", "uuid")


@pytest.mark.parametrize(
    "argv", [["--help"], ["--version"], ["analyze", "--help"], ["explain", "--help"]], ids=" ".join
)
def test_help_loads_nothing_heavy(argv):
    heavy, done = loaded("from mailtrace.__main__ import main; main()", among=(*HEAVY, *NOT_FOR_HELP), argv=argv)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert heavy == []


NOT_FOR_ONE_MESSAGE = (
    "click",
    "decimal",
    "gettext",
    "hashlib",
    "publicsuffixlist",
    "inspect",
    "pathlib",
    "textwrap",
    "urllib.parse",
    "uuid",
    "socket",
    "logging",
    "random",
    "multiprocessing",
    "importlib.metadata",
    "typing_extensions",
    "idna",
    "email.message",
    "email.utils",
    "zipfile",
    "lzma",
    "bz2",
    "shutil",
    "tempfile",
    "cryptography.hazmat.primitives.serialization",
    "mailtrace.auth.arc",
    "mailtrace.auth.arc_sets",
    "mailtrace.auth.autopsy",
    "mailtrace.auth.dkim2",
    "mailtrace.auth.spf_prefetch",
    "mailtrace.cli.pool",
    "mailtrace.cli.progress",
    "mailtrace.cli.resume",
    "mailtrace.cli.summary",
    "mailtrace.delivery",
    "mailtrace.posture",
    "mailtrace.resolver._dnspython",
    "mailtrace.resolver.offline",
    "mailtrace.sources.emlx",
    "mailtrace.sources.folders",
    "mailtrace.sources.imap.url",
    "mailtrace.sources.mbox",
    "mailtrace.sources.outlook",
    "mailtrace.sources.packed",
)
"""What a run over one file from a recording has no use for, whatever is in it, as long as no signature fails."""


def run_of(sample):
    recording, message = (SAMPLES / f"{sample}{ending}" for ending in (".dns.json", ".eml"))
    return ["analyze", "--json", "--fail-on", "none", "--dns", str(recording), str(message)]


def test_one_message_loads_what_it_needs():
    """A message that is signed, as most are, and whose signature verifies."""
    unused, done = loaded(
        "from mailtrace.__main__ import main; main()", among=NOT_FOR_ONE_MESSAGE, argv=run_of("genuine")
    )
    assert done.returncode == 0, done.stderr
    assert unused == []


def test_text_loads_of_rich_what_measures():
    argv = [word for word in run_of("genuine") if word != "--json"]
    among = ("rich.cells", "rich.console", "rich.text", "rich.style")
    assert loaded("from mailtrace.cli import main; main()", among=among, argv=argv)[0] == ["rich.cells"]


def test_an_autopsy_is_loaded_for_a_signature_that_fails():
    among = ("mailtrace.auth.autopsy",)
    assert loaded("from mailtrace.cli import main; main()", among=among, argv=run_of("list-footer"))[0] == list(among)


def test_the_package_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "mailtrace", "--version"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("mailtrace ")


@pytest.mark.parametrize("options", [["--json"], ["--format", "text"]], ids=["json", "text"])
def test_a_recorded_run_loads_no_http_client(tmp_path, options):
    message, recording = tmp_path / "msg.eml", tmp_path / "dns.json"
    message.write_bytes(MESSAGE)
    recording.write_text(json.dumps(RECORDING))
    argv = ["analyze", *options, "--fail-on", "none", "--dns", str(recording), str(message)]
    unused = (*HTTP_CLIENTS, "checkdmarc", "dns.resolver", "dns.message", "jinja2")
    clients, done = loaded("from mailtrace.cli import main; main()", among=unused, argv=argv)
    assert done.returncode in {0, 11}, done.stderr
    assert "example.com" in done.stdout
    assert clients == []


def test_dnspython_comes_when_it_is_needed():
    """Where it was left out before, and with its libraries already imported."""
    code = (
        "import mailtrace.report, dkim, spf, dns.resolver; assert dns.resolver.resolve; import mailtrace.resolver.live"
    )
    assert loaded(code, among=("dns.query",))[0] == ["dns.query"]


def test_json_output_loads_no_terminal_library(tmp_path):
    message = pathlib.Path(tmp_path) / "msg.eml"
    message.write_bytes(MESSAGE)
    argv = ["analyze", "--json", "--offline", str(message)]
    assert loaded("from mailtrace.cli import main; main()", among=("rich",), argv=argv)[0] == []
