"""The transport that writes to Python's logging."""

import logging
import re

from netmail import Message
from netmail.delivery import Mailer


def test_lines(caplog):
    """The line is Marrow Mailer's; the message comes at CRITICAL."""
    caplog.set_level(logging.DEBUG, "marrow.mailer.transport.log")
    config = {"transport.use": "log", "transport.name": "marrow.mailer.transport.log"}
    message = Message("a@x.test", ["b@x.test", "c@x.test"], "Grüße", text="héllo")
    with Mailer(config) as mailer:
        result = mailer.send(message).result()
    start, line, content, end = caplog.records

    assert result
    assert (start.levelname, end.levelname) == ("DEBUG", "DEBUG")
    assert line.levelname == "INFO"
    assert re.fullmatch(
        rf"DELIVER {re.escape(message.id)} \S+T\S+ {result.size} a@x\.test b@x\.test,c@x\.test",
        line.getMessage(),
    )
    assert content.levelname == "CRITICAL"
    assert "Message-ID" in content.getMessage()


def test_default_name(caplog):
    """The logger has netmail's name."""
    caplog.set_level(logging.INFO, "netmail.delivery.log")
    with Mailer({"transport.use": "log"}) as mailer:
        mailer.send(Message("a@x.test", "b@x.test").return_path(""))

    assert {record.name for record in caplog.records} == {"netmail.delivery.log"}
    assert " <> b@x.test" in caplog.records[0].getMessage()
