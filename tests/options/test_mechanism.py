"""Mechanisms of a caller's own, as values of `auth`."""

import json

import pytest

from netmail.errors import UsageError
from netmail.options.mechanism import Supplied
from netmail.options.options import MailProtocol, parse_options
from support.mechanisms import Reversed


def test_class():
    """A class is kept with its name, alone and among names, and is shown by its name."""
    for given in (Reversed, [Reversed], ["PLAIN", Reversed]):
        options = parse_options(MailProtocol.IMAP, username="u", password="p", auth=given)

        assert options.auth[-1] == "X-REVERSED"
        assert isinstance(options.auth[-1], Supplied)
        assert options.auth[-1].make is Reversed
        assert parse_options(MailProtocol.IMAP, options).auth[-1].make is Reversed
        assert "X-REVERSED" in json.dumps(options.to_dict())


def test_without_name():
    """It may need neither a user name nor a secret."""
    assert parse_options(MailProtocol.POP3, auth=Reversed).needs_login


class Nameless:
    def step(self, _challenge):
        """Nothing."""


@pytest.mark.parametrize("given", [len, Nameless, [Nameless], type("N", (Nameless,), {"name": 5})])
def test_no_mechanism(given):
    """What has no name, or no steps, is refused at once."""
    with pytest.raises(UsageError, match=r"class with name and step\(\)"):
        parse_options(MailProtocol.IMAP, username="u", auth=given)


@pytest.mark.parametrize("name", ["", "a b", "ü", "X" * 30])
def test_bad_name(name):
    """The name is one that a server could list."""
    with pytest.raises(UsageError, match="SASL mechanisms"):
        parse_options(MailProtocol.IMAP, auth=type("N", (Reversed,), {"name": name}))
