"""`--keys`: a file of keys, what it changes, and one clear line where it is none."""

import json
import pathlib

import pytest

SAMPLES = pathlib.Path(__file__).parents[2] / "samples"
ROTATED = (str(SAMPLES / "key-rotated.eml"), "--dns", str(SAMPLES / "key-rotated.dns.json"), "--json")


def test_an_archived_key_makes_an_old_message_verify_and_is_named(run):
    without = json.loads(run("analyze", *ROTATED).stdout)
    keys = str(SAMPLES / "key-rotated.keys.json")
    found = json.loads(run("analyze", *ROTATED, "--keys", keys).stdout)
    assert (without["verdict"]["authenticity"], found["verdict"]["authenticity"]) == ("unproven", "authentic")
    assert any("--keys" in step for step in without["verdict"]["next_steps"])
    (check,) = found["authentication"]["dkim"]
    assert (check["result"], check["key_source"]) == ("pass", "archive")
    assert check["key_origin"]["source"] == "the archive of TXT records at keys.example.org"
    assert "key-archive-genuine" in found["verdict"]["assumes"]
    assert "dkim-key-archived" in found["verdict"]["reasons"]
    assert (len(found["inputs"]["keys_sha256"]), without["inputs"]["keys_sha256"]) == (64, None)


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("nosuch.json", 66, "nosuch.json: No such file or directory"),
        ("broken.json", 65, "--keys: 'broken.json': "),
        ("cat.jpg", 65, "--keys: 'cat.jpg' is not a file of keys"),
    ],
)
def test_one_clear_line(run, name, status, words):
    result = run("analyze", "--offline", "good.eml", "--keys", name)
    assert (result.exit_code, result.stdout) == (status, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"mailtrace: {words}")


def test_the_output_does_not_go_over_the_keys(run, folder):
    result = run("analyze", "--offline", "good.eml", "--keys", "open.json", "--output", "open.json")
    assert result.exit_code == 2
    assert json.loads((folder / "open.json").read_text())
