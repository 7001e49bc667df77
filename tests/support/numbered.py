"""Messages with a number: each has a recipient of its own.

Nothing here judges.
"""

from netmail.envelope import Envelope


def numbered(count, begin=0):
    """Messages, each to a recipient of its own, one after another."""
    for number in range(begin, begin + count):
        yield Envelope("a@x.test", (f"r{number}@x.test",), b"\r\nhello\r\n")


def number_of(envelope):
    """Which message it is."""
    return int(envelope.recipients[0][1:].partition("@")[0])


def numbers(results):
    """Which messages they are the results of."""
    return [number_of(each.envelope) for each in results]
