"""The background loop: deadlines, errors, and an end in every case."""

import asyncio
import logging
import os
import threading

import pytest

from netmail.errors import MailTimeout, StateError
from netmail.testing import background
from netmail.testing.background import BackgroundLoop


async def nothing(_):
    """Start nothing."""


def test_the_result_comes_back():
    """A call returns what its coroutine returns, from another thread."""

    async def where():
        return threading.current_thread().name

    loop = BackgroundLoop(nothing)
    try:
        assert loop.call(where) == "netmail.testing"
    finally:
        loop.stop()


def test_the_error_comes_back():
    """An exception in the loop is raised in the caller."""

    async def fail():
        raise KeyError("x")

    loop = BackgroundLoop(nothing)
    try:
        with pytest.raises(KeyError, match="x"):
            loop.call(fail)
    finally:
        loop.stop()


def test_a_start_that_fails_is_raised_and_cleaned_up():
    """What the start had opened is closed, its error raised, the thread gone."""
    closed = []

    async def start(stack):
        stack.callback(closed.append, True)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        BackgroundLoop(start)

    assert closed == [True]


def test_a_start_that_hangs_meets_its_deadline():
    """A start that waits for ever ends in an error that names the time."""

    async def start(_):
        await asyncio.Event().wait()

    with pytest.raises(MailTimeout, match=r"0\.05 s"):
        BackgroundLoop(start, timeout=0.05)


def test_a_call_that_hangs_meets_its_deadline(monkeypatch):
    """So does a call, and the loop still serves the next one."""
    monkeypatch.setattr(background, "CALL_SECONDS", 0.05)

    async def number():
        return 7

    loop = BackgroundLoop(nothing)
    try:
        with pytest.raises(MailTimeout):
            loop.call(asyncio.Event().wait)
        assert loop.call(number) == 7
    finally:
        loop.stop()


def test_stopping_ends_a_call_that_waits():
    """A call that is running when the loop stops is not left hanging."""
    loop = BackgroundLoop(nothing)
    entered = threading.Event()
    errors = []

    async def wait():
        entered.set()
        await asyncio.Event().wait()

    def work():
        with pytest.raises(StateError) as caught:
            loop.call(wait)
        errors.append(caught.value)

    thread = threading.Thread(target=work)
    thread.start()
    entered.wait(5)
    loop.stop()
    thread.join(5)

    assert [str(error) for error in errors] == ["the embedded servers were closed during the call"]


def test_a_loop_that_does_not_stop_is_reported(caplog):
    """stop() comes back at its deadline and says what happened."""
    release = threading.Event()

    async def block():
        release.wait(5)

    loop = BackgroundLoop(nothing)
    caller = threading.Thread(target=lambda: loop.call(block))
    caller.start()
    with caplog.at_level(logging.WARNING, "netmail.testing"):
        loop.stop(timeout=0.05)
    release.set()
    caller.join(5)
    loop.stop()

    assert [record.message for record in caplog.records] == [
        "the embedded servers did not stop within 0.05 s"
    ]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_leaves_the_parents_loop_alone():
    """A child that stops what it inherited neither hangs nor stops the parent's servers."""

    async def number():
        return 7

    loop = BackgroundLoop(nothing)
    try:
        child = os.fork()
        if child == 0:
            loop.stop()
            os._exit(0)
        _, status = os.waitpid(child, 0)

        assert (status, loop.call(number)) == (0, 7)
    finally:
        loop.stop()
