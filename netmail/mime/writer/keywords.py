"""The keywords of a message's constructor, and other libraries' names for them.

This file must not know what a field does: it calls the setter of its name.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, TypedDict

from netmail.errors import UsageError
from netmail.mime.writer.draft import TextSource
from netmail.mime.writer.input_address import AddressInput
from netmail.mime.writer.input_header import HeaderInput

ALIASES = {
    # Marrow Mailer
    "author": "from_",
    "authors": "from_",
    "plain": "text",
    "rich": "html",
    "reply": "reply_to",
    "headers": "header",
    "embedded": "embed",
    # web2py
    "message": "content",
    "attachments": "attachment",
    "list_unsubscribe": "unsubscribe",
}
"""Names of other libraries, and netmail's for the same thing."""


class MessageKeywords(TypedDict, total=False):
    """The constructor's keywords: a setter's name, or another library's name for it.

    Marrow Mailer: `author authors plain rich reply headers embedded`. web2py: `message
    attachments list_unsubscribe headers`.
    """

    from_: AddressInput
    authors: AddressInput
    sender: AddressInput
    cc: AddressInput
    bcc: AddressInput
    reply_to: AddressInput
    reply: AddressInput
    return_path: str
    text: TextSource
    plain: TextSource
    html: TextSource
    rich: TextSource
    content: object
    message: object
    attachments: Iterable[object]
    attachment: object
    embed: object
    embedded: Iterable[object]
    header: HeaderInput
    headers: HeaderInput
    date: datetime
    message_id: str
    seed: str
    encoding: str
    organization: str
    priority: int | str
    notify: AddressInput
    auto_submitted: str
    unsubscribe: str
    list_unsubscribe: str


_FIRST: Final = ("author", "to", "subject")
"""Fields that `Message` takes by position too."""


def set_fields(message: object, fields: dict[str, object]) -> None:
    """Call the setter of each field that is not `None`; for a list of files, of each file.

    Raises:
        UsageError: If there is no such field; the sentence names the nearest one.
    """
    for name, value in fields.items():
        setter = getattr(message, ALIASES.get(name, name), None)
        known = name in MessageKeywords.__annotations__ or name in _FIRST
        if not known or not callable(setter):
            raise UsageError(_unknown(name))
        if value is None:
            continue
        if name in {"embed", "embedded"} and isinstance(value, list | tuple):
            for item in value:
                name_and_data = item if isinstance(item, tuple) and len(item) == 2 else (item,)
                setter(*name_and_data)
        else:
            setter(value)


def _unknown(name: str) -> str:
    import difflib  # noqa: PLC0415  # only for the sentence of an error

    near = difflib.get_close_matches(name, [*_FIRST, *MessageKeywords.__annotations__], 1)
    return f"Message has no field {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")
