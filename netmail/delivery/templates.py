"""Messages from templates, by jinja2: HTML with escapes, text and subject without.

This file must not know how messages are delivered. It fetches nothing, and leaves CSS as it is.
"""

from collections.abc import Callable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from netmail import Message, MessageError, UsageError
from netmail.delivery.relative_urls import absolute_urls

if TYPE_CHECKING:
    import jinja2

M = TypeVar("M", bound=Message)


class Template:
    """The HTML, the text and the subject of messages, each a template of jinja2.

        template = Template("hello.html", text="hello.txt", subject="Hello {{ name }}")
        message = template.message(name="Ann").from_("us@example.org").to("ann@example.org")

    A name that is not given is an error. Values are escaped in HTML, and in HTML only; which is
    which does not depend on the name of a file.

    Args:
        html: The file of the HTML, or `None`.
        text: The file of the plain text, or `None`.
        subject: The template of the subject itself, not a file; or `None`.
        folder: Where the files are, and those that they include or extend.
        loader: A loader of jinja2, instead of a folder.
        base_url: What relative URLs are relative to, such as "https://example.org/"; without it
            they are refused, since a mail has no place of its own.
        filters: Further filters of jinja2, by name.

    Raises:
        UsageError: If there is none of the three, a file is missing, the syntax is wrong, or
            jinja2 is not installed (the extra `templates`).
    """

    def __init__(
        self,
        html: str | None = None,
        text: str | None = None,
        subject: str | None = None,
        *,
        folder: str | PathLike[str] = ".",
        loader: "jinja2.BaseLoader | None" = None,
        base_url: str | None = None,
        filters: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        if html is None and text is None and subject is None:
            raise UsageError("a template has html, text or a subject")
        if base_url is not None and not urlsplit(base_url).netloc:
            raise UsageError(f"base_url: {base_url!r} is no absolute URL")
        try:
            import jinja2  # noqa: PLC0415 -- an extra
        except ImportError as error:
            raise UsageError('templates need jinja2: pip install "netmail[templates]"') from error
        self._base_url = base_url
        # Kept, since the module is imported where it is used.
        self._errors = jinja2.TemplateError
        loader = loader or jinja2.FileSystemLoader(folder)

        def environment(*, autoescape: bool) -> jinja2.Environment:
            # jinja2's own choice goes by the name of the file, and leaves x.html.j2 unescaped.
            made = jinja2.Environment(
                autoescape=autoescape,  # noqa: S701 -- text and subject are no HTML
                loader=loader,
                undefined=jinja2.StrictUndefined,
            )
            made.filters.update(filters or {})
            return made

        plain = environment(autoescape=False)
        try:
            self._html = None if html is None else environment(autoescape=True).get_template(html)
            self._text = None if text is None else plain.get_template(text)
            self._subject = None if subject is None else plain.from_string(subject)
        except jinja2.TemplateNotFound as error:
            raise UsageError(f"there is no template {error.name!r} in {folder!r}") from error
        except jinja2.TemplateSyntaxError as error:
            where = error.name or "subject"
            raise UsageError(f"template {where}, line {error.lineno}: {error}") from error

    def message(self, /, **context: object) -> Message:
        """Make a message.

        Args:
            **context: The values of the templates' names.

        Raises:
            MessageError: If a name has no value, a URL is relative, or the subject has a line end.
        """
        return self.fill(Message(), context)

    def fill(self, message: M, context: Mapping[str, object]) -> M:
        """Set subject, text and HTML of a message, as far as there are templates for them.

        Args:
            message: Any message; it is changed when all three are made.
            context: The values of the templates' names.

        Raises:
            MessageError: As for `message()`.
        """
        # All three are made before the message changes: it is never filled by half.
        subject = self._rendered(self._subject, "subject", context)
        text = self._rendered(self._text, "text", context)
        html = self._rendered(self._html, "html", context)
        # Only here a value can still be seen as a line end: later it would be folding, or a field.
        if subject is not None and ("\r" in subject or "\n" in subject):
            raise MessageError(f"template subject: it has a line end: {subject[:80]!r}")
        if html is not None:
            html = absolute_urls(html, self._base_url)
        if subject is not None:
            message.subject(subject)
        if text is not None:
            message.text(text)
        return message if html is None else message.html(html)

    def _rendered(
        self, template: "jinja2.Template | None", part: str, context: Mapping[str, object]
    ) -> str | None:
        if template is None:
            return None
        try:
            # What a value or a filter raises by itself is the caller's, and comes through.
            return template.render(context)
        except self._errors as error:
            raise MessageError(f"template {template.name or part}: {error}") from error
