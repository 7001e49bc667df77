"""Managers and transports by name, by path, and from other packages."""

import importlib

import pytest

from delivery.scripted import ScriptedTransport
from netmail import UsageError
from netmail.delivery import registry
from netmail.delivery.transports.mock import MockTransport


def test_own_names():
    """Every name in the table leads to a class with the three methods."""
    for group, find in (
        ("managers", registry.manager_class),
        ("transports", registry.transport_class),
    ):
        for name in registry.OWN[group]:
            found = find(name)
            missing = {"startup", "deliver", "shutdown"} - set(dir(found))
            assert missing == set(), name


def test_path_and_class():
    """A class can be given by its path, or itself."""
    path = "netmail.delivery.transports.mock:MockTransport"

    assert registry.transport_class(path) is MockTransport
    assert registry.transport_class(MockTransport) is MockTransport
    assert registry.manager_class(ScriptedTransport) is ScriptedTransport


def test_entry_point(tmp_path, monkeypatch):
    """An installed package can add a transport by a name of its own."""
    folder = tmp_path / "pigeon-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeon\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[netmail.transports]\npigeon = pigeon_mail:Pigeon\n")
    (tmp_path / "pigeon_mail.py").write_text("class Pigeon:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()

    assert registry.transport_class("pigeon").__name__ == "Pigeon"
    with pytest.raises(UsageError, match="'pigeon'"):
        registry.transport_class("pigen")


@pytest.mark.parametrize(
    ("use", "why"),
    [
        ("no.such.module:Name", "cannot be loaded"),
        ("netmail.delivery.transports.mock:Nobody", "cannot be loaded"),
        (":MockTransport", "cannot be loaded"),
        ("..mock:MockTransport", "cannot be loaded"),
        ("sys:maxsize", "is no class"),
        (None, "not a name"),
        ("", "not a name"),
        ("smpt", "'smtp'"),
    ],
)
def test_unknown(use, why):
    """The sentence says what is wrong."""
    with pytest.raises(UsageError, match=why):
        registry.transport_class(use)
