"""What is asked of the servers that deliver a message: which values are accepted."""

from datetime import UTC, datetime

import pytest

from netmail.delivery_options import DeliveryOptions, RecipientOptions
from netmail.envelope import Envelope
from netmail.errors import UsageError

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
WRONG = {
    "ret": [{"ret": "full"}, {"ret": "FULL\r\nRSET"}, {"ret": 1}],
    "envid": [
        {"envid": ""},
        {"envid": "x" * 101},
        {"envid": "ü"},
        {"envid": "x\r\nRSET"},
        {"envid": "x\ty"},
        {"envid": 7},
    ],
    "by": [
        {"by_time": 0},
        {"by_time": -1},
        {"by_time": True},
        {"by_time": 1.5},
        {"by_time": 10**9},
        {"by_time": -(10**9), "by_mode": "N"},
        {"by_time": 1, "by_mode": "n"},
        {"by_trace": True},
        {"by_time": 1, "by_trace": "T"},
    ],
    "hold": [
        {"hold_for": 0},
        {"hold_for": 10**9},
        {"hold_for": "60"},
        {"hold_until": datetime(2030, 1, 1)},  # noqa: DTZ001 -- what is refused
        {"hold_until": "2030-01-01T00:00:00Z"},
        {"hold_for": 1, "hold_until": NOON},
    ],
    "priority": [{"mt_priority": 10}, {"mt_priority": -10}, {"mt_priority": "3"}],
    "requiretls": [{"requiretls": "yes"}],
    "auth": [
        {"auth": "Ann <ann@x.test>"},
        {"auth": "ann@x.test RET=FULL"},
        {"auth": "ann@x.test\r\nRSET"},
        {"auth": 1},
    ],
    "recipients": [
        {"each_recipient": {"notify": ["NEVER"]}},
        {"each_recipient": None},
        {"recipients": [("bob@x.test", RecipientOptions())]},
        {"recipients": {"bob@x.test": None}},
        {"recipients": {"bob@x.test\r\nRSET": RecipientOptions()}},
        {"recipients": {7: RecipientOptions()}},
    ],
}
WRONG_FOR_RECIPIENT = {
    "notify": [
        {"notify": ["ALWAYS"]},
        {"notify": ["NEVER", "SUCCESS"]},
        {"notify": ["SUCCESS\r\nRSET"]},
        {"notify": [1]},
        {"notify": b"NEVER"},
    ],
    "orcpt": [
        {"orcpt": ""},
        {"orcpt": "bob"},
        {"orcpt": "Bob <bob@x.test>"},
        {"orcpt": "rfc822;bob"},
        {"orcpt": "bob@x.test\r\nRSET"},
        {"orcpt": "x400;/C=\x00"},
        {"orcpt": "x400;ü"},
        {"orcpt": "x y;z"},
        {"orcpt": 1},
    ],
    "rrvs": [
        {"rrvs": datetime(2030, 1, 1)},  # noqa: DTZ001 -- what is refused
        {"rrvs": "2014-04-03"},
        {"rrvs": NOON, "rrvs_action": "c"},
        {"rrvs_action": "C"},
    ],
}


def rows(table):
    """Name each row of a table of wrong values."""
    return [
        pytest.param(each, id=f"{name} {number}")
        for name, group in table.items()
        for number, each in enumerate(group)
    ]


@pytest.mark.parametrize("values", rows(WRONG))
def test_wrong_for_a_message(values):
    """A value that no parameter can have is refused when it is given."""
    with pytest.raises(UsageError):
        DeliveryOptions(**values)


@pytest.mark.parametrize("values", rows(WRONG_FOR_RECIPIENT))
def test_wrong_for_a_recipient(values):
    """The same of a recipient's values."""
    with pytest.raises(UsageError):
        RecipientOptions(**values)


def test_conditions_in_one_form():
    """The order, the case and the number of conditions make no difference."""
    one = RecipientOptions(notify=iter(["delay", "SUCCESS", "DELAY"]))

    assert one == RecipientOptions(notify=("SUCCESS", "DELAY"))
    assert RecipientOptions(notify="NEVER").notify == ("NEVER",)


def test_later_changes_have_no_effect():
    """The mapping that a caller gives is copied, and an envelope with it can be a key."""
    given = {"bob@x.test": RecipientOptions(notify=["NEVER"])}
    options = DeliveryOptions(recipients=given)
    envelope = Envelope("ann@x.test", ("bob@x.test",), b"", options)
    given.clear()

    assert list(options.recipients) == ["bob@x.test"]
    assert hash(envelope) == hash(Envelope("ann@x.test", ("bob@x.test",), b"", options))
