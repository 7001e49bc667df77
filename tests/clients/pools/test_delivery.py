"""What is left of a message after a server has had its chance."""

import pytest

from netmail.clients.pools.delivery import Delivery, fail, is_servers_failure, settle
from netmail.envelope import Envelope
from netmail.errors import AuthenticationError, ConnectError, ConnectionLost, UsageError
from netmail.flows.smtp.queue import mail_object
from netmail.options.retry import RetryPolicy
from netmail.results.smtp import (
    MessageResult,
    RecipientResult,
    SendReport,
    SendStage,
    SendStatus,
)

LOST = ConnectionLost("lost")
BOTH = ("a@x.test", "b@x.test")


def delivery():
    """A message to two recipients."""
    return Delivery(mail_object(Envelope("me@x.test", BOTH, b"\r\n")))


def result(recipients=BOTH, stage=SendStage.MAIL, *, accepted=(), refused=(), uncertain=False):
    """What a client reports: recipients by name, refused ones with a code."""
    decided = dict.fromkeys(accepted, (SendStatus.ACCEPTED, 250))
    decided |= {name: (SendStatus.REFUSED, code) for name, code in refused}
    usual = SendStatus.UNCERTAIN if uncertain else SendStatus.NOT_SENT
    return MessageResult(
        envelope=Envelope("me@x.test", recipients),
        message_id="",
        recipients=tuple(
            RecipientResult(name, *decided.get(name, (usual, 0))) for name in recipients
        ),
        replies=(),
        stage=stage,
        error=None if accepted else LOST,
        size=2,
    )


LEFT = {
    "not begun": (result(), BOTH),
    "content cut": (result(stage=SendStage.CONTENT), BOTH),
    "one refused": (result(refused=[(BOTH[0], 550)]), BOTH[1:]),
    "one for later": (result(refused=[(BOTH[0], 450)]), BOTH[1:]),
    "closing": (result(refused=[(name, 421) for name in BOTH]), BOTH),
    "one accepted": (result(accepted=BOTH[:1]), BOTH[1:]),
}


@pytest.mark.parametrize(("found", "left"), LEFT.values(), ids=LEFT)
def test_left_for_another_server(found, left):
    """Another server gets the recipients about which nothing is decided."""
    tested = delivery()

    assert settle([tested], SendReport((found,), LOST)) == [tested]
    assert tuple(each.address for each in tested.attempt().pending) == left


DECIDED = {
    "accepted": result(accepted=BOTH, stage=SendStage.DONE),
    "refused": result(refused=[(name, 550) for name in BOTH]),
    "uncertain": result(stage=SendStage.REPLY, uncertain=True),
    "in part uncertain": result(accepted=BOTH[:1], stage=SendStage.REPLY, uncertain=True),
}


@pytest.mark.parametrize("found", DECIDED.values(), ids=DECIDED)
def test_decided(found):
    """What is decided, or may have been delivered, goes to no other server."""
    tested = delivery()

    assert settle([tested], SendReport((found,), LOST)) == []
    assert tested.outcome() is found


def again(found, *, uncertain=False, attempts=1):
    """The recipients of the next attempt; `None` if there is none."""
    mail = mail_object(Envelope("me@x.test", BOTH, b"\r\n"))
    tested = Delivery(mail, RetryPolicy(attempts, delay=3, jitter=0), uncertain=uncertain)
    tested.attempt()
    settle([tested], SendReport((found,)))
    if tested.pause() is None:
        return None
    return tuple(each.address for each in tested.attempt().pending)


AGAIN = {
    "accepted": (result(accepted=BOTH, stage=SendStage.DONE), None),
    "refused": (result(refused=[(name, 550) for name in BOTH]), None),
    "for later": (result(refused=[(name, 450) for name in BOTH]), BOTH),
    "one for later": (result(accepted=BOTH[:1], refused=[(BOTH[1], 452)]), BOTH[1:]),
    "not sent": (result(), BOTH),
    "uncertain": (result(stage=SendStage.REPLY, uncertain=True), None),
    "one uncertain": (result(refused=[(BOTH[0], 451)], uncertain=True), BOTH[:1]),
}


@pytest.mark.parametrize(("found", "left"), AGAIN.values(), ids=AGAIN)
def test_again(found, left):
    """The next attempt is for those that were refused for now, and those it was not sent to."""
    assert again(found) == left


def test_again_although_uncertain():
    """What may have been delivered is sent again only if that is asked for."""
    found = result(accepted=BOTH[:1], stage=SendStage.REPLY, uncertain=True)

    assert again(found, uncertain=True) == BOTH[1:]


def test_no_more_attempts():
    """The policy says how often, and after how long."""
    mail = mail_object(Envelope("me@x.test", BOTH, b"\r\n"))
    tested = Delivery(mail, RetryPolicy(2, delay=3, jitter=0))
    settle([tested], SendReport((result(refused=[(BOTH[0], 450)], accepted=BOTH[1:]),)))

    assert [tested.pause(), tested.pause(), tested.pause()] == [3, 6, None]
    assert again(result(), attempts=0) is None


ERRORS = {
    "down": (ConnectError("down"), True),
    "login": (AuthenticationError("AUTH", "no"), False),
    "callback": (KeyError("mine"), False),
}


@pytest.mark.parametrize("had_result", [False, True])
@pytest.mark.parametrize(("error", "expected"), ERRORS.values(), ids=ERRORS)
def test_again_after_an_error(error, expected, had_result):
    """Where no server could be reached, only what may pass is tried again."""
    mail = mail_object(Envelope("me@x.test", BOTH, b"\r\n"))
    tested = Delivery(mail, RetryPolicy(attempts=1))
    if had_result:
        settle([tested], SendReport((result(refused=[(BOTH[0], 450)]),)))
    fail([tested], error)

    assert (tested.pause() is not None) is expected


def test_server_that_has_decided():
    """Where the connection is well, a refusal for now is the result."""
    assert settle([delivery()], SendReport((result(refused=[(BOTH[0], 450)]),))) == []


def test_results_of_two_servers_are_one():
    """What the second server does completes what the first has done."""
    tested = delivery()
    settle([tested], SendReport((result(refused=[(BOTH[0], 550)]),), LOST))
    second = result(BOTH[1:], SendStage.DONE, accepted=BOTH[1:])
    settle([tested], SendReport((second,)))
    outcome = tested.outcome()

    assert outcome.envelope.recipients == BOTH
    assert [each.address for each in outcome.accepted] == [BOTH[1]]
    assert [each.code for each in outcome.refused] == [550]


def test_attempts_are_independent():
    """A client that keeps account of a message changes no later attempt."""
    tested = delivery()
    first = tested.attempt()
    first.hand_over(first.pending)

    assert len(tested.attempt().pending) == 2


def test_no_server():
    """Without any result the last error is raised; with one it is kept."""
    tested, other = delivery(), delivery()
    settle([other], SendReport((result(),), LOST))
    fail([tested, other], ConnectError("down"))

    with pytest.raises(ConnectError, match="down"):
        tested.outcome()
    assert other.outcome().stage is SendStage.MAIL


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectError("x"), True),
        (AuthenticationError("AUTH", "x"), True),
        (UsageError("x"), False),
        (KeyError("x"), False),
    ],
    ids=repr,
)
def test_errors_of_a_server(error, expected):
    """A wrong option or a callback's error is no reason to try another server."""
    assert is_servers_failure(error) == expected
