"""The connection that a call begins with: the open one, or a new one, by more than one attempt.

This file must not know messages: nothing of them is queued or sent before there is a connection.
"""

from netmail.errors import NetmailError
from netmail.flows.flow import Connect, Pause
from netmail.flows.smtp.messages import Conversation
from netmail.flows.smtp.retries import Retries, may_pass


def connect_first(retries: Retries | None) -> Conversation[NetmailError | None]:
    """Have a connection.

    Args:
        retries: How often to try, and when; `None` for once.

    Returns:
        Why there is none; `None` if there is one.

    RFC 5321 section 4.5.4.1.
    """
    # "The sender MUST delay retrying a particular destination after one attempt has failed."
    delays = iter(()) if retries is None else retries.first()
    connect = Connect.FIRST
    while True:
        # An open connection is used, whatever call has opened it.
        try:
            yield connect
        except NetmailError as error:
            # Refused credentials stay refused, and could lock the account.
            seconds = next(delays, None) if may_pass(error) else None
            if seconds is None:
                return error
        else:
            return None
        yield Pause(seconds)
        connect = Connect.AGAIN
