"""Bearer tokens: what is read of a client's response, and logins with real clients."""

import base64

import pytest

from netmail.testing.oauth import MECHANISMS, NotOauth, decoded


@pytest.mark.parametrize(
    ("mechanism", "response", "login"),
    [
        ("XOAUTH2", b"user=a@b\1auth=Bearer tok\1\1", ("a@b", "tok")),
        ("XOAUTH2", b"user=a@b\1auth=bearer tok==\1\1", ("a@b", "tok==")),
        ("OAUTHBEARER", b"n,a=a@b,\1host=h\1port=25\1auth=Bearer tok\1\1", ("a@b", "tok")),
        ("OAUTHBEARER", b"n,a=a=2Cb=3Dc,\1auth=Bearer tok\1\1", ("a,b=c", "tok")),
        ("OAUTHBEARER", b"y,,\1auth=Bearer tok\1\1", ("", "tok")),
    ],
)
def test_responses(mechanism, response, login):
    """Name and token, whatever else is in the response."""
    assert MECHANISMS[mechanism](response) == login


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize(
    "response", [b"", b"\xff\0", b"user=a\1auth=Basic x\1\1", b"user=a\1auth=Bearer \1\1", b"n"]
)
def test_other_octets(mechanism, response):
    """What is no bearer token is refused as that."""
    with pytest.raises(NotOauth):
        MECHANISMS[mechanism](response)


def test_base64():
    """What is not base64 is no response."""
    assert [decoded("YQ=="), decoded("a"), decoded("Ü")] == [b"a", b"", b""]


def response_of(mechanism, name, token):
    if mechanism == "XOAUTH2":
        return f"user={name}\1auth=Bearer {token}\1\1"
    return f"n,a={name},\1auth=Bearer {token}\1\1"


@pytest.mark.parametrize("initial", [True, False], ids=["initial", "challenge"])
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_smtp(server, connect, mechanism, initial):
    """The token is taken, the password is not; a refusal follows the error as a challenge."""
    smtp = connect(server, "smtp")
    smtp.ehlo()
    smtp.user = "bob"

    def accepted(_challenge=None):
        return response_of(mechanism, "bob", server.tokens["bob"])

    wrong = response_of(mechanism, "bob", server.users["bob"]).encode()
    code, challenge = smtp.docmd("AUTH", f"{mechanism} {base64.b64encode(wrong).decode()}")
    assert code == 334
    assert b'"status":"401"' in base64.b64decode(challenge)
    assert smtp.docmd("AQ==")[0] == 535
    assert smtp.auth(mechanism, accepted, initial_response_ok=initial)[0] == 235
