"""A message, its DNS, and the program as a shell runs it."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from mailtrace.cli import main

MESSAGE = b"""\
Return-Path: <ann@example.com>\r
Received: from mail.example.com (mail.example.com [192.0.2.1])\r
\tby mx.example.net (Postfix) with ESMTPS id 4ABC\r
\tfor <bob@example.net>; Fri, 1 May 2026 10:00:01 +0000\r
From: Ann <ann@example.com>\r
To: bob@example.net\r
Subject: Hello\r
Date: Fri, 1 May 2026 10:00:00 +0000\r
\r
Hello.\r
"""
SPOOF = MESSAGE.replace(b"192.0.2.1", b"203.0.113.1").replace(b"mail.example.com", b"relay.example.org")

RECORDING = {
    "mailtrace_dns": 1,
    "recorded_at": "2026-05-01T10:00:00Z",
    "default": "NXDOMAIN",
    "answers": {
        "example.com": {"TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]},
        "_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject"]},
    },
}

CODE = "import sys; from mailtrace.__main__ import main; sys.argv[0] = 'mailtrace'; main()"


@pytest.fixture
def folder(tmp_path):
    """A folder with messages (good.eml, spoof.eml), what is none (empty, cat.jpg), and recordings."""
    (tmp_path / "good.eml").write_bytes(MESSAGE)
    (tmp_path / "spoof.eml").write_bytes(SPOOF)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "cat.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(64))
    (tmp_path / "dns.json").write_text(json.dumps(RECORDING), encoding="utf-8")
    (tmp_path / "open.json").write_text('{"mailtrace_dns": 1, "answers": {}}', encoding="utf-8")
    (tmp_path / "broken.json").write_text('{"mailtrace_dns": 1, "answers": [', encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder, monkeypatch):
    """Run the program in this process, in the folder; standard error is kept apart."""
    monkeypatch.chdir(folder)
    for name in os.environ:
        if name.startswith("MAILTRACE_") or name in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}:
            monkeypatch.delenv(name)
    # What is tested in this process stays in it: a fork of a process with threads is none of ours to make.
    monkeypatch.setenv("MAILTRACE_ANALYZE_JOBS", "1")

    def invoke(*arguments, **extra):
        return CliRunner().invoke(main, [str(argument) for argument in arguments], **extra)

    return invoke


@pytest.fixture
def start(folder):
    """Start the program as a process of its own, in the folder."""
    started = []

    def popen(*arguments, encoding="utf-8", **extra):
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | extra
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAILTRACE_", "FORCE_", "NO_C"))}
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", CODE, *map(str, arguments)],
            cwd=folder,
            env=environment | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "1"},
            **streams,
        )
        started.append(process)
        return process

    yield popen
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def shell(start):
    """Run the program as a process of its own; return its status, output and errors."""

    def finish(*arguments, **extra):
        process = start(*arguments, **extra)
        output, errors = process.communicate(timeout=120)
        return process.returncode, (output or b"").decode(), (errors or b"").decode()

    return finish
