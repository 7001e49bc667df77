"""The functions that make a blocking client."""

import pytest

import netmail


@pytest.mark.parametrize(
    ("make", "kind", "port"),
    [
        (netmail.smtp, netmail.Transport, 587),
        (netmail.pop3, netmail.POP3, 110),
        (netmail.imap, netmail.Imap, 143),
    ],
    ids=["smtp", "pop3", "imap"],
)
def test_each_makes_its_client(make, kind, port):
    """Options and limits reach the client, as a dictionary or by name; nothing is connected."""
    limits = netmail.ServerLimits(line=1000)
    events = []
    client = make({"host": "mail.example.test"}, port=port, limits=limits, on_event=events.append)

    assert type(client) is kind
    assert client.options.host == "mail.example.test"
    assert client.options.port == port
    assert client._session.reader.limits is limits
    assert not client.is_connected
    assert events == []


@pytest.mark.parametrize("make", [netmail.smtp, netmail.pop3, netmail.imap])
def test_wrong_options_are_refused(make):
    """An option that does not exist is refused at once."""
    with pytest.raises(netmail.UsageError, match="hots"):
        make(hots="mail.example.test")
