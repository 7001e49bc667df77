"""The next transaction of a batch, made while the server works on the one before.

This file must not know commands, nor what becomes of a transaction.
"""

from typing import TypeVar

from netmail.flows.smtp.retries import Task
from netmail.flows.smtp.session import SmtpSession
from netmail.flows.smtp.transaction import Transaction

T = TypeVar("T", bound=Transaction)


class Prepared:
    """At most one transaction, which is not begun.

    Args:
        session: The session.
    """

    def __init__(self, session: SmtpSession) -> None:
        self._session = session
        self._task: Task | None = None
        self._transaction: Transaction | None = None

    def make(self, task: Task, kind: type[Transaction]) -> None:
        """Make the transaction of the task that comes next, unless another one comes before it."""
        # Nothing of it is recorded anywhere yet, so that dropping it takes nothing back.
        self._task = task
        # RFC 1870 section 6: what is written ahead has the size of the form that is sent, and the
        # message may still have that of an earlier connection.
        self._session.prepare(task.mail)
        self._transaction = transaction = kind(self._session, task.mail, task.recipients)
        transaction.prepare()

    def take(self, task: Task, kind: type[T]) -> T:
        """Return the transaction of a task: the one that is there, or else a new one."""
        # By identity: what is left of a message is a task of its own, with the same number.
        made, is_its = self._transaction, task is self._task
        # Whatever comes first now, the one that is there was for this turn.
        self.drop()
        # What is left of an earlier message comes before the one that was next.
        if is_its and isinstance(made, kind):
            return made
        return kind(self._session, task.mail, task.recipients)

    def drop(self) -> None:
        """Drop it, for a new connection: its server may offer something else."""
        self._task = self._transaction = None
