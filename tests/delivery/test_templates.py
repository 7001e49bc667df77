"""Templates: what is escaped, what is refused, and what is left alone."""

import sys

import jinja2
import pytest

from netmail import Message, MessageError, UsageError, parse
from netmail.delivery import Mailer, Template

AWKWARD = "Ann <ann@x.test> & Söhne"


@pytest.fixture
def folder(tmp_path):
    """Return a folder with templates whose names say nothing of what is in them."""
    files = {
        "hello.html.j2": "<p style='color: red'>Dear {{ name }},</p>{% include 'foot.txt' %}",
        "hello.txt": "Dear {{ name }},\n{% include 'foot.txt' %}",
        "foot.txt": "yours, {{ name }}",
        "link.html": '<a href="{{ path }}">x</a>',
        "broken.html": "<p>\n{% if %}</p>",
        "includes.html": "{% include 'gone.html' %}",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_html_is_escaped_and_text_is_not(folder):
    """The role decides, whatever the file is called, and for what it includes."""
    template = Template("hello.html.j2", "hello.txt", "Hello {{ name }}", folder=folder)
    mail = parse(template.message(name=AWKWARD).from_("us@x.test").to("ann@x.test").as_bytes())

    escaped = "Ann &lt;ann@x.test&gt; &amp; Söhne"
    assert mail.html == f"<p style='color: red'>Dear {escaped},</p>yours, {escaped}"
    assert mail.text == f"Dear {AWKWARD},\nyours, {AWKWARD}"
    assert mail.subject == f"Hello {AWKWARD}"


def test_values_are_no_templates(folder):
    """What is written in a value is text, braces and all."""
    template = Template(text="hello.txt", subject="{{ name }}", folder=folder)
    mail = parse(template.message(name="{{ 7 * 7 }}").from_("us@x.test").to("a@x.test").as_bytes())

    assert mail.subject == "{{ 7 * 7 }}"
    assert "49" not in mail.text


@pytest.mark.parametrize(
    ("parts", "context", "match"),
    [
        ({"text": "hello.txt"}, {}, "hello.txt: 'name' is undefined"),
        ({"html": "hello.html.j2"}, {"nam": "x"}, "'name' is undefined"),
        ({"subject": "{% if name %}x{% endif %}"}, {}, "subject: 'name' is undefined"),
        ({"html": "includes.html"}, {}, "gone.html"),
        ({"subject": "Hi {{ name }}"}, {"name": "x\r\nBcc: y@x.test"}, "line end"),
        ({"subject": "Hi {{ name }}"}, {"name": "x\ny"}, "line end"),
        ({"html": "link.html"}, {"path": "/login"}, "'/login' is relative"),
    ],
)
def test_rendering_is_refused(folder, parts, context, match):
    """A message that would be wrong is not made; one that is filled stays as it was."""
    template = Template(**parts, folder=folder)
    message = Message("us@x.test", "a@x.test", "before", text="before")
    with pytest.raises(MessageError, match=match):
        template.fill(message, context)

    assert parse(message.as_bytes()).subject == "before"
    assert parse(message.as_bytes()).text == "before"


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({}, "html, text or a subject"),
        ({"html": "gone.html"}, "no template 'gone.html'"),
        ({"html": "broken.html"}, "broken.html, line 2"),
        ({"subject": "{{"}, "template subject, line 1"),
        ({"subject": "x", "base_url": "/path"}, "no absolute URL"),
    ],
)
def test_wrong_templates(folder, arguments, match):
    """What is wrong in a template itself is found when it is loaded."""
    with pytest.raises(UsageError, match=match):
        Template(**arguments, folder=folder)


def test_missing_package(monkeypatch):
    """Without jinja2 the error names the extra."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(UsageError, match=r"netmail\[templates\]"):
        Template(subject="x")


def test_base_url_loader_and_filters():
    """URLs get their base; templates may come from anywhere, with filters of one's own."""
    loader = jinja2.DictLoader({"a": '<a href="{{ path }}">{{ name | loud }}</a>'})
    template = Template("a", loader=loader, base_url="https://x.test/app/", filters={"loud": loud})
    mail = parse(template.message(path="go?a=1&b=2", name="ann").from_("us@x.test").as_bytes())

    assert mail.html == '<a href="https://x.test/app/go?a=1&amp;b=2">ANN</a>'


def loud(text):
    """Return the text in capitals."""
    return text.upper()


def test_bound_message(folder):
    """The message of a mailer has its configured fields, and is sent as ever."""
    template = Template(text="hello.txt", subject="Hello {{ name }}", folder=folder)
    config = {"transport.use": "mock", "message.author": "us@x.test"}
    with Mailer(config) as mailer:
        message = mailer.new(to="ann@x.test").template(template, name="Ann")
        assert message.send().result()

    assert parse(message.as_bytes()).subject == "Hello Ann"
    assert parse(message.as_bytes()).text == "Dear Ann,\nyours, Ann"
