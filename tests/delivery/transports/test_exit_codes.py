"""What exit codes mean, by the program that gives them."""

import shutil
import sys

import pytest

from netmail.delivery.transports.exit_codes import MTAS, Outcome, meaning, recognised
from servers.process import find_program

LATER, UNCERTAIN, REFUSED, SETUP = (
    Outcome.LATER,
    Outcome.UNCERTAIN,
    Outcome.REFUSED,
    Outcome.SETUP,
)


@pytest.mark.parametrize("mta", [*MTAS, ""])
def test_zero(mta):
    """Zero is acceptance everywhere."""
    assert meaning(mta, 0, 1) is Outcome.ACCEPTED
    assert meaning(mta, 0, 9) is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("mta", "code", "expected"),
    [
        ("postfix", 75, LATER),
        ("postfix", 67, REFUSED),
        ("sendmail", 75, UNCERTAIN),
        ("sendmail", 67, REFUSED),
        ("sendmail", 69, LATER),
        ("exim", 1, LATER),
        ("exim", 2, REFUSED),
        ("exim", 75, UNCERTAIN),
        ("opensmtpd", 70, LATER),
        ("opensmtpd", 75, UNCERTAIN),
        ("msmtp", 69, LATER),
        ("msmtp", 75, LATER),
        ("msmtp", 77, SETUP),
        ("msmtp", 74, UNCERTAIN),
        ("nullmailer", 1, LATER),
        ("nullmailer", 75, UNCERTAIN),
        ("", 75, UNCERTAIN),
        ("", 64, SETUP),
        ("", 65, REFUSED),
        ("", 78, SETUP),
        ("", 70, LATER),
        ("", 3, UNCERTAIN),
        ("postfix", -9, UNCERTAIN),
    ],
)
def test_one_recipient(mta, code, expected):
    """75 is no acceptance only where the program never queues with it."""
    assert meaning(mta, code, 1) is expected


@pytest.mark.parametrize(
    ("mta", "code", "expected"),
    [
        ("sendmail", 67, UNCERTAIN),
        ("", 69, UNCERTAIN),
        ("exim", 1, UNCERTAIN),
        ("sendmail", 78, SETUP),
        ("postfix", 75, LATER),
        ("msmtp", 65, REFUSED),
    ],
)
def test_several_recipients(mta, code, expected):
    """Some programs deliver to the others, and report one."""
    assert meaning(mta, code, 2) is expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("exim4", "exim"),
        ("msmtp", "msmtp"),
        ("smtpctl", "opensmtpd"),
        ("sendmail.postfix", "postfix"),
        ("sm.bin/sendmail", "sendmail"),
        ("other", ""),
    ],
)
def test_recognised_by_name(tmp_path, target, expected):
    """Distributions let /usr/sbin/sendmail lead to the program."""
    (tmp_path / target).parent.mkdir(exist_ok=True)
    shutil.copy(sys.executable, tmp_path / target)
    (tmp_path / "sendmail").symlink_to(tmp_path / target)

    assert recognised(str(tmp_path / "sendmail")) == expected


def test_recognised_by_content(tmp_path):
    """Postfix's program names its helper; a script that does so may do anything."""
    (tmp_path / "sendmail").write_bytes(b"\x7fELF...%s/postdrop -r...")
    (tmp_path / "script").write_bytes(b"#!/bin/sh\nexec /usr/sbin/postdrop -r\n")

    assert recognised(str(tmp_path / "sendmail")) == "postfix"
    assert recognised(str(tmp_path / "script")) == ""
    assert recognised(str(tmp_path / "missing")) == ""


def test_postfix(postfix):
    """The installed program is Postfix's."""
    assert recognised(find_program("sendmail", "postfix")) == "postfix"
