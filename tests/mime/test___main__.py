"""`python -m netmail.mime`."""

import json
import subprocess
import sys

import pytest

from netmail.mime.__main__ import main

RAW = (
    "Subject: Gr=?utf-8?q?=C3=BC?=n\x1b[31m\n"
    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n"
    "--b\nContent-Type: image/png; name=a.png\nContent-Transfer-Encoding: odd\n\npng\n--b--\n"
)


@pytest.fixture(name="path")
def _path(tmp_path):
    path = tmp_path / "m.eml"
    path.write_text(RAW, encoding="utf-8")
    return path


def test_tree_headers_and_defects_are_shown(path, capsys):
    """What the message holds, without characters that steer a terminal."""
    status = main([str(path)])
    shown = capsys.readouterr().out

    assert status == 0
    for piece in ("TEXT multipart/mixed", "2 image/png 'a.png'", "Subject: Grün[31m", "part 2"):
        assert piece in shown


def test_help_names_the_options(capsys):
    """`--help` says what it does, not how it is called from Python."""
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out

    assert "tree, headers and defects" in shown
    assert "Args:" not in shown


def test_json(path, capsys):
    """The message as JSON."""
    main([str(path), "--json"])

    assert json.loads(capsys.readouterr().out)["body"] == {"text/plain": "x"}


def test_save(path, tmp_path, capsys):
    """The attachments as files."""
    main([str(path), "--save", str(tmp_path / "out")])

    assert (tmp_path / "out" / "a.png").read_bytes() == b"png"
    assert "a.png" in capsys.readouterr().err


def test_missing_file(tmp_path, capsys):
    """An error, not a traceback."""
    assert main([str(tmp_path / "no")]) == 1
    assert "no" in capsys.readouterr().err


def test_message_beyond_a_limit_is_shown_as_far_as_it_was_read(tmp_path, capsys):
    """What was read is shown, the limit is named."""
    path = tmp_path / "m"
    path.write_text("Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\n" * 10_001)

    assert main([str(path)]) == 1
    assert "MessageLimits.parts" in capsys.readouterr().err


def test_module_runs_and_reads_standard_input():
    """`python -m netmail.mime -`."""
    done = subprocess.run(
        [sys.executable, "-m", "netmail.mime", "-"],
        input=RAW.encode(),
        capture_output=True,
        check=True,
        timeout=30,
    )

    assert b"image/png" in done.stdout


def test_importing_netmail_mime_loads_nothing_heavy():
    """Names are loaded on first use."""
    code = (
        "import sys, netmail.mime; from netmail import MessageLimits;"
        "heavy = ('email', 'json', 'html', 'mimetypes', 'netmail.mime.mail');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=30)

    assert done.stdout.strip() == b"[]"
