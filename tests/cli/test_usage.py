"""A command line that is wrong ends with 2, one line on standard error, and nothing on standard output."""

import pytest

from mailtrace import __version__


def refused(result):
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("mailtrace: ")
    return line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--dns dns.json --offline", "--dns cannot be used with --offline"),
        ("--dns dns.json --record new.json", "--dns cannot be used with --record"),
        ("--dns dns.json --resolver 192.0.2.53", "--dns cannot be used with --resolver"),
        ("--offline --record new.json", "--offline cannot be used with --record"),
        ("--offline --resolver 192.0.2.53", "--offline cannot be used with --resolver"),
        ("--offline --lint", "--offline cannot be used with --lint"),
        ("--record-wire", "--record-wire needs --record"),
        ("--resolver-ca ca.pem", "--resolver-ca needs --resolver"),
        ("--json --jsonl", "one format only, not json and jsonl"),
        ("--json --format text", "one format only, not text and json"),
        ("--offline --fail-on forged,purple", "purple is not one of"),
        ("--offline --fail-on none,forged", "none is not one of"),
        ("--offline --fail-on ,", "nothing is not one of"),
        ("--offline --client-ip mail.example.com", "is not an IP address"),
        ("--offline --timeout 0", "--timeout"),
        ("--offline --policy hippa", "'hippa' is not one of 'default', 'nist-800-52r2', 'bsi-tr-03108', 'hipaa'"),
        ("--resolver ::::", "--resolver"),
        ("--offline - -", "standard input can be read only once"),
        ("--output good.eml --offline", "--output would write over good.eml"),
        ("--record good.eml", "--record would write over good.eml"),
        ("--output dns.json --dns dns.json", "--output would write over dns.json"),
        # What is not built is not there.
        ("--offline --format html", "html"),
        ("--offline --format markdown", "markdown"),
        ("--offline --bundle b.zip", "No such option"),
        ("--offline --engine mpi", "'mpi' is not one of"),
        ("--offline --scheduler tcp://127.0.0.1:8786", "--scheduler needs --engine dask"),
        ("--engine dask", "--engine dask needs --dns or --offline"),
        ("--resume state --record new.json", "--resume cannot be used with --record"),
    ],
)
def test_options_that_do_not_go_together_or_do_not_exist(run, folder, arguments, words):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert words in refused(run("analyze", *arguments.split(), "good.eml"))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("sources", [("--files-from", "names"), ("within",)], ids=["in a list", "in a directory"])
@pytest.mark.parametrize("option", ["--output", "--record"])
def test_evidence_that_is_not_named_is_not_written_over(run, folder, option, sources):
    (folder / "within").mkdir()
    evidence = folder / "within" / "a.eml"
    evidence.write_bytes((folder / "good.eml").read_bytes())
    (folder / "names").write_text("within/a.eml\n")
    words = refused(run("analyze", option, "within/a.eml", *sources))
    assert f"{option} would write over within/a.eml, which looks like mail" in words
    assert evidence.read_bytes() == (folder / "good.eml").read_bytes()


@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
def test_an_earlier_report_is_written_over(run, form):
    options = ("analyze", "--dns", "dns.json", "--format", form, "--output", "report", "good.eml")
    assert (run(*options).exit_code, run(*options).exit_code) == (0, 0)


@pytest.mark.parametrize("command", ["domain", "verify", "frobnicate"])
def test_commands_that_are_not_built_are_not_there(run, command):
    assert "No such command" in refused(run(command, "x"))
    assert f"\n  {command} " not in run("--help").stdout


def test_schema_of_what_is_not_built(run):
    assert "domain" in refused(run("schema", "domain"))


def test_the_program_alone_shows_its_help_as_an_error(run):
    result = run()
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Commands:" in result.stderr


def test_help_and_version(run):
    assert run("--version").stdout == f"mailtrace {__version__}\n"
    for arguments in (["--help"], ["analyze", "-h"], ["explain", "--help"], ["schema", "--help"]):
        result = run(*arguments)
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.startswith("Usage: mailtrace")


def test_a_hostile_command_line_is_escaped(run):
    for arguments in (["\x1b[31mfind\u202e"], ["analyze", "--\x1b[31m"], ["explain", "a\x1b[2Jb\u202e"]):
        line = refused(run(*arguments))
        assert line.isprintable()
        assert "\\x1b" in line
