"""Send messages by `send()` or by `stream()`, and get a report of either.

Nothing here judges.
"""

from netmail.errors import NetmailError
from netmail.results.smtp import SendReport

CALLS = ("send", "stream")


def reported(client, call, *messages):
    """Send messages by a method of this name; return the results and how the call ended."""
    if call == "send":
        return client.send(*messages)
    results, error = [], None
    try:
        for each in client.stream(iter(messages)):
            results.append(each)  # noqa: PERF402 -- what comes before an error counts
    except NetmailError as raised:
        error = raised
    return SendReport(tuple(results), error)


def left(client, call, report):
    """What is to be sent later: with the client after `send()`, with the results otherwise."""
    if call == "send":
        return client.queue
    assert client.queue == ()
    return report.retryable()
