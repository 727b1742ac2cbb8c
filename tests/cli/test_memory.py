"""What is held does not grow with the mailbox."""

import json
import subprocess
import sys

import pytest

from tests.cli.conftest import MESSAGE
from tests.cli.test_jobs import LINE

# Of the process itself the peak is that of its address space (VmHWM): ru_maxrss remembers the process it was started by.
CODE = """\
import re, resource, sys
from mailtrace.cli import main
try:
    main()
finally:
    own = re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]
    print("PEAK", own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""
MB = 1 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of ru_maxrss differs between systems")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_peak_is_flat_in_the_size_of_the_mailbox(folder, jobs):
    body = b"a line of the body that is not very long\r\n" * 2400
    peaks = {}
    for size in (10, 200):
        count = size * MB // len(body)
        with (folder / "box").open("wb") as file:
            for _ in range(count):
                file.write(LINE + MESSAGE + body + b"\r\n")
        done = subprocess.run(
            [sys.executable, "-c", CODE, "analyze", "--offline", "--jsonl", "--jobs", jobs, "--output", "out", "box"],
            cwd=folder, capture_output=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 11
        with (folder / "out").open("rb") as file:
            assert sum(1 for line in file if json.loads(line)["schema"]) == count
        parent, worker = (int(number) * 1024 for number in done.stderr.split()[1:])
        assert max(parent, worker) < 140 * MB
        peaks[size] = parent, worker
    assert abs(peaks[200][0] - peaks[10][0]) < 15 * MB
    assert abs(peaks[200][1] - peaks[10][1]) < 15 * MB
