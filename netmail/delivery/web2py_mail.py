"""web2py's mailer: settings, and one call that returns whether the message was accepted.

This file must not know any transport: it writes a configuration for `Mailer`.
"""

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, ClassVar, Final, Self

from netmail import AddressInput, Message, MessageResult, NetmailError, Sendable, UsageError
from netmail.delivery.directives import check_names
from netmail.delivery.mail_settings import MailSettings
from netmail.delivery.mailer import Mailer
from netmail.delivery.results import joined_result
from netmail.delivery.web2py_sealing import check_cipher, sealed

_PER_MESSAGE: Final = frozenset(
    {
        "cipher_type",
        "dkim",
        "encrypt",
        "list_unsubscribe",
        "sign",
        "sign_passphrase",
        "x509_crypt_certfiles",
        "x509_nocerts",
        "x509_sign_certfile",
        "x509_sign_chainfile",
        "x509_sign_keyfile",
    }
)


@dataclass(frozen=True, slots=True)
class MailAttachment:
    """A file for `Mail.send()`; also `Mail.Attachment`.

    Attributes:
        payload: Its path, or an open file, which is read now.
        filename: Its name; by default that of the file.
        content_id: Its name in the HTML, after "cid:".
        content_type: Its media type; by default guessed from the name.
    """

    payload: Any
    filename: str | None = None
    content_id: str | None = None
    content_type: str | None = None

    def __post_init__(self) -> None:
        read = getattr(self.payload, "read", None)
        if callable(read):
            # Read once, so that one attachment can be sent many times.
            name = self.filename or getattr(self.payload, "name", None)
            if not isinstance(name, str):
                raise UsageError("an open file without a name needs filename=")
            object.__setattr__(self, "filename", name.replace("\\", "/").rpartition("/")[2])
            object.__setattr__(self, "payload", read())


class _Last(threading.local):
    """The outcome of a thread's last message: two threads may share one mailer."""

    result: MessageResult | None = None
    error: NetmailError | None = None


class Mail:
    """Sends messages as web2py's `Mail` does.

        mail = Mail("mail.example.org:587", "us@example.org", "us:secret")
        if not mail.send("ann@example.org", "Plans", ("See you.", "<html>See <b>you</b>.</html>")):
            print(mail.error or mail.result)

    Each message has a connection of its own; within `with mail:` all have one.

    Args:
        server: `settings.server`.
        sender: `settings.sender`.
        login: `settings.login`.
        tls: `settings.tls`.

    Attributes:
        settings: The settings, which can be changed until `with mail:`.
    """

    Attachment: ClassVar[type[MailAttachment]] = MailAttachment

    def __init__(
        self,
        server: str | None = None,
        sender: AddressInput | None = None,
        login: str | None = None,
        tls: bool = True,
    ) -> None:
        self.settings = MailSettings(server, sender, login, tls)
        self._mailer: Mailer | None = None
        self._last = _Last()

    @property
    def result(self) -> MessageResult | None:
        """What became of this thread's last message, for each recipient; `None` if not sent."""
        return self._last.result

    @property
    def error(self) -> NetmailError | None:
        """Why this thread's last message was not sent; `None` if a server has decided."""
        return self._last.error

    def send(  # noqa: PLR0917 -- web2py's order
        self,
        to: AddressInput,
        subject: object = "[no subject]",
        message: object = "[no message]",
        attachments: Any = None,
        cc: AddressInput | None = None,
        bcc: AddressInput | None = None,
        reply_to: AddressInput | None = None,
        sender: AddressInput | None = None,
        encoding: str = "utf-8",
        raw: bool = False,
        headers: Mapping[str, str] | None = None,
        from_address: AddressInput | None = None,
        **settings: Any,
    ) -> bool:
        """Send one message.

        Args:
            to: An address, or several.
            subject: The subject.
            message: The text, which is HTML if it begins with `<html` or a doctype; a pair
                (text, html); or an open file of it.
            attachments: A `Mail.Attachment`, or several.
            cc: As `to`.
            bcc: As `to`; no other recipient sees them.
            reply_to: As `to`.
            sender: The author, instead of `settings.sender`.
            encoding: What octets in `message` are decoded by.
            raw: The message is plain text, whatever it begins with; it takes no attachments.
            headers: Headers that take the place of the generated ones. "Return-Path" is the
                envelope's sender.
            from_address: Another author than the sender.
            **settings: `dkim`, `list_unsubscribe`, and the settings of signing and encryption, for
                this message.

        Returns:
            True if every recipient was accepted; else `error` or `result` says what happened.

        Raises:
            UsageError: If it is called wrongly, or a setting is missing or wrong.
        """
        check_names(settings, _PER_MESSAGE, "Mail.send")
        chosen = replace(self.settings, **settings)
        # A wrong setting is the program's mistake, and raises; what comes after is an outcome.
        transport = chosen.transport()
        check_cipher(chosen)
        author = chosen.sender if sender is None else sender
        if author is None:
            raise UsageError("settings.sender has no value")
        self._last.result = self._last.error = None
        with ExitStack() as stack:
            mailer = self._mailer or stack.enter_context(Mailer({"transport": transport}))
            # What a server or a value refuses is False, with its reason: web2py's programs look
            # at no exception.
            try:
                made = _addressed(author, from_address, to, cc, bcc, reply_to).subject(str(subject))
                _fill(made, message, attachments, encoding, raw=raw)
                if chosen.list_unsubscribe:
                    made.unsubscribe(chosen.list_unsubscribe)
                made.header(headers or {}, replace=True)
                self._deliver(mailer, sealed(made, chosen, from_address or author))
            except UsageError:
                raise
            except NetmailError as error:
                self._last.error = error
        return self._last.error is None and bool(self._last.result)

    def _deliver(self, mailer: Mailer, messages: list[Sendable]) -> None:
        """Send one message; one that is encrypted is several, each for some of the recipients."""
        results = []
        for message in messages:
            results.append(mailer.send(message).result())
            # After each: an error in the next one does not hide what became of this one.
            self._last.result = joined_result(results)

    def __enter__(self) -> Self:
        self._mailer = Mailer({"transport": self.settings.transport()}).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        mailer, self._mailer = self._mailer, None
        if mailer is not None:
            mailer.stop()


def _addressed(
    sender: AddressInput, author: AddressInput | None, *recipients: AddressInput | None
) -> Message:
    # The caller waits for True or False, and tries again himself.
    message = Message(sender if author is None else author, retries=0)
    if author is not None:
        message.sender(sender)
    setters = (message.to, message.cc, message.bcc, message.reply_to)
    for add, given in zip(setters, recipients, strict=True):
        if given:
            add(_several(given))
    return message


def _several(given: AddressInput) -> AddressInput:
    """Return a tuple as a list: web2py has no pairs of a name and an address."""
    is_pair = isinstance(given, tuple) and "@" not in str(given[0])
    return list(given) if isinstance(given, tuple) and not is_pair else given


def _fill(message: Message, content: object, attachments: Any, encoding: str, *, raw: bool) -> None:
    read = getattr(content, "read", None)
    content = read() if callable(read) else content
    if isinstance(content, tuple | list):
        content = tuple(_decoded(each, encoding) for each in content)
    else:
        content = _decoded(content, encoding)
    # web2py takes one attachment, or a list of them.
    given = attachments if isinstance(attachments, list | tuple) else [attachments]
    files: list[Any] = [each for each in given if each is not None]
    # web2py drops attachments of a raw message without a word; here that is an error.
    if raw:
        if files or not isinstance(content, str):
            raise UsageError("raw: the message is one text, and has no attachments")
        message.text(content)
        return
    message.content(content)
    for each in files:
        if isinstance(each, MailAttachment):
            message.attachment(
                each.payload,
                each.filename,
                content_type=each.content_type,
                content_id=each.content_id,
            )
        else:
            message.attachment(each)


def _decoded(content: object, encoding: str) -> str | None:
    """Return a text; web2py's translated texts are objects that become one."""
    # `None` is no body at all, where str() would write its name.
    if content is None:
        return None
    if isinstance(content, bytes):
        return content.decode(encoding, "replace")
    return str(content)
