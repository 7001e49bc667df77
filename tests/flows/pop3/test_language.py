"""LANG, where the server cannot be asked or breaks the grammar."""

import pytest

from netmail.errors import CapabilityError, ProtocolError, UsageError
from netmail.flows.pop3 import language
from netmail.flows.pop3.session import Pop3Session
from netmail.limits import ServerLimits
from netmail.options.options import MailProtocol, parse_options
from support.pop3_steps import session
from support.replay import replay_both


def run(conversation, transcript, offers=("LANG",)):
    """Run a conversation whole and octet by octet, from fresh sessions."""
    return replay_both(lambda: session(offers), conversation, transcript)


@pytest.mark.parametrize(
    "conversation", [language.lang, lambda s: language.set_lang(s, "de")], ids=["lang", "set_lang"]
)
def test_without_lang(conversation):
    """A server without LANG is not sent the command, after a CAPA that may announce it."""
    with pytest.raises(CapabilityError, match="LANG") as caught:
        run(conversation, "C: CAPA\nS: +OK\nS: TOP\nS: .", ("TOP",))

    assert caught.value.capability == "LANG"


def test_without_capa():
    """Where nothing is known, the command itself tells."""
    assert run(lambda s: language.set_lang(s, "de"), "C: LANG de\nS: +OK de gut", ()) == "de"


@pytest.mark.parametrize("tag", ["de\r\nDELE 1", "", None])
def test_no_tag(tag):
    """What is no tag is refused before anything is sent."""
    with pytest.raises(UsageError):
        run(lambda s: language.set_lang(s, tag), "")


@pytest.mark.parametrize("reply", ["+OK", "+OK <de> gut"])
def test_no_tag_in_reply(reply):
    """A reply that does not name the language breaks the grammar."""
    with pytest.raises(ProtocolError):
        run(lambda s: language.set_lang(s, "de"), f"C: LANG de\nS: {reply}")


@pytest.mark.parametrize("line", ["", "?? none", "_"])
def test_no_language(line):
    """A line that is no language breaks the grammar."""
    with pytest.raises(ProtocolError, match="LANG"):
        run(language.lang, f"C: LANG\nS: +OK\nS: en English\nS: {line}\nS: .")


def test_too_many_languages():
    """A list without end is refused at `limits.responses`."""
    options = parse_options(MailProtocol.POP3, host="localhost")
    lines = "\n".join(f"S: a{number}" for number in range(11))

    with pytest.raises(ProtocolError, match=r"limits\.responses"):
        replay_both(
            lambda: Pop3Session(options, ServerLimits(responses=10)),
            language.lang,
            f"C: LANG\nS: +OK\n{lines}\nS: .",
        )
