"""One command: tags, literals, status, and what comes between."""

import pytest

from netmail.errors import ConnectionLost, ImapError, MailTimeout, ProtocolError, UsageError
from netmail.flows.imap import append, fetch, mailboxes, search
from netmail.limits import ServerLimits
from support.imap_sessions import fresh, logged_in, run, selected
from support.replay import replay

LONG = "x y" * 400


def create(name):
    """CREATE a mailbox."""
    return lambda imap: mailboxes.create(imap, name)


def noop(imap):
    """NOOP."""
    return imap.noop()


def test_tags_count():
    """Each command has a tag of its own."""
    imap = logged_in()
    replay(imap.noop(), imap.reader, "C: T1 NOOP\nS: T1 OK done")

    assert replay(imap.noop(), imap.reader, "C: T2 NOOP\nS: T2 OK done") is True


def test_tags_cannot_be_guessed():
    """Two sessions have different tags, none of them like libcurl's A001."""
    one, other = fresh(), fresh()
    one._fixed_tag = other._fixed_tag = ""
    one._reset()
    other._reset()

    assert one._tag != other._tag
    assert len(one._tag) == 7


@pytest.mark.parametrize(
    ("capabilities", "transcript"),
    [
        (
            "IMAP4rev1",
            f"C: T1 CREATE {{1200}}\nS: + go on\nC: {LONG}\nS: T1 OK done",
        ),
        ("IMAP4rev1 LITERAL+", f"C: T1 CREATE {{1200+}}\nC: {LONG}\nS: T1 OK done"),
        ("IMAP4rev1 LITERAL-", f"C: T1 CREATE {{1200+}}\nC: {LONG}\nS: T1 OK done"),
    ],
    ids=["asked", "LITERAL+", "LITERAL-"],
)
def test_literals(capabilities, transcript):
    """A literal waits for the server unless it takes literals unasked."""
    assert run(create(LONG), transcript, capabilities=capabilities) == [LONG]


@pytest.mark.parametrize("capability", ["LITERAL-", "LITERAL+"])
def test_large_literal_asks(capability):
    """No more than 4,096 octets go unasked: else a server can only hang up, RFC 7888 section 5."""
    name = " " * 4097
    transcript = f"C: T1 CREATE {{4097}}\nS: +\nC: {name}\nS: T1 OK done"

    assert run(create(name), transcript, capabilities=f"IMAP4rev1 {capability}") == [name]


@pytest.mark.parametrize("count", [65_000, 1_000_000])
def test_endless_line_is_refused(count):
    """What no server takes is not begun: its rest would pass for the next command."""
    with pytest.raises(UsageError, match="more than a server takes"):
        run(lambda imap: append.append(imap, "INBOX", b"x", "f" * count, None), "")


def test_literal_behind_a_long_line_asks():
    """A server that refuses a line for its length must not find a literal behind it."""
    long = "x" * 1000
    transcript = f"""
        C: T1 RENAME {long} {{1200}}
        S: T1 BAD Too long argument
    """

    with pytest.raises(ImapError, match="Too long"):
        run(
            lambda imap: mailboxes.rename(imap, long, LONG),
            transcript,
            capabilities="IMAP4rev1 LITERAL+",
        )


def test_two_literals():
    """Each literal waits for a request of its own; news may come before each."""
    other = "z " * 600
    transcript = f"""
        C: T1 RENAME {{1200}}
        S: * 3 EXISTS
        S: + first
        C: {LONG} {{1200}}
        S: +
        C: {other}
        S: T1 OK done
    """

    assert run(lambda imap: mailboxes.rename(imap, LONG, other), transcript) == [other]


def test_refused_before_the_literal():
    """A server may refuse before it sees the literal, which is then not sent."""
    transcript = "C: T1 CREATE {1200}\nS: T1 NO [LIMIT] too long"

    with pytest.raises(ImapError, match=r"CREATE: NO too long") as caught:
        run(create(LONG), transcript)
    assert (caught.value.code, caught.value.transient) == ("LIMIT", True)


def test_half_a_command_accepted():
    """OK before the literal is no success: nothing was told yet."""
    with pytest.raises(ProtocolError, match="half a command"):
        run(create(LONG), "C: T1 CREATE {1200}\nS: T1 OK done")


@pytest.mark.parametrize(
    ("line", "status", "code", "text"),
    [
        ("T1 NO no", "NO", "", "no"),
        ("T1 no no", "NO", "", "no"),
        ("T1 BAD what?", "BAD", "", "what?"),
        ("T1 NO [TRYCREATE] no such mailbox", "NO", "TRYCREATE", "no such mailbox"),
        ("T1 NO [ALREADYEXISTS]", "NO", "ALREADYEXISTS", ""),
        ("T1 NO [UNAVAILABLE] later", "NO", "UNAVAILABLE", "later"),
        ("T1 NO", "NO", "", ""),
        ("T1 NO ça ne va pas {5}", "NO", "", "ça ne va pas {5}"),
    ],
)
def test_refusals(line, status, code, text):
    """NO and BAD raise with the server's words and its code; the connection goes on."""
    with pytest.raises(ImapError) as caught:
        run(create("x"), f"C: T1 CREATE x\nS: {line}")

    error = caught.value
    assert (error.status, error.code, error.command) == (status, code, "CREATE")
    assert error.text == f"{status} {text}"


@pytest.mark.parametrize(
    "line", ["T2 OK wrong tag", "A001 OK", "T1 MAYBE", "T1OK", "T1 BYE", "hello", "\t* OK", "T1"]
)
def test_out_of_step(line):
    """What is neither untagged, nor a request, nor ours breaks the grammar."""
    with pytest.raises(ProtocolError):
        run(noop, f"C: T1 NOOP\nS: * OK first\nS: {line}")


def test_answer_before_the_question():
    """DataResponse that came unasked is news, and no answer, RFC 9051 section 7."""
    transcript = """
        S: * SEARCH 1 2 3
        C: T1 UID SEARCH NEW
        S: * SEARCH 7
        S: T1 OK done
    """

    assert run(lambda imap: search.search(imap, None, None), transcript, selected) == [7]


def test_tagged_answer_before_the_question():
    """Who answers before we ask is not the server, or not in step."""
    imap = logged_in()
    replay(imap.noop(), imap.reader, "C: T1 NOOP\nS: T1 OK done")

    with pytest.raises(ProtocolError, match="not sent"):
        replay(imap.noop(), imap.reader, "S: T2 OK smuggled")


def test_unasked_news():
    """What the server says between commands keeps the selected mailbox up to date."""
    imap = selected()
    transcript = """
        S: * 12 EXISTS
        S: * 3 EXPUNGE
        S: * 2 RECENT
        S: * FLAGS (\\Seen x]y)
        S: * OK [ALERT] The house is on fire
        C: T1 NOOP
        S: * 3 FETCH (FLAGS (\\Seen))
        S: * 13 EXISTS
        S: T1 OK done
    """
    replay(imap.noop(), imap.reader, transcript)

    assert imap.mailbox is not None
    assert (imap.mailbox.exists, imap.mailbox.recent) == (13, 2)
    assert imap.mailbox.flags == ["\\Seen", "x]y"]
    assert imap.alerts == ["The house is on fire"]


def test_alerts_are_bounded():
    """A server cannot fill the memory with alerts."""
    imap = logged_in()
    alerts = "".join(f"S: * OK [ALERT] {number} {LONG}\n" for number in range(150))
    replay(imap.noop(), imap.reader, f"C: T1 NOOP\n{alerts}S: T1 OK done")

    assert (len(imap.alerts), max(map(len, imap.alerts))) == (100, 1000)
    assert imap.alerts[-1].startswith("149 ")


@pytest.mark.parametrize(
    "transcript",
    [
        "S: * BYE going down\nEOF",
        "S: * BYE going down",
        "C: T1 NOOP\nS: * BYE going down\nEOF",
        "C: T1 NOOP\nS: * BYE going down\nTIMEOUT",
        "C: T1 NOOP\nS: * 1 FETCH (UID 1\nS: * BYE going down\nEOF",
    ],
    ids=["before", "before, still open", "instead", "instead, still open", "in the middle"],
)
def test_bye(transcript):
    """The server's last words are in the error, wherever it says BYE."""
    with pytest.raises(ConnectionLost, match="closed the connection: going down"):
        run(noop, transcript)


@pytest.mark.parametrize(
    ("transcript", "error"),
    [
        ("C: T1 NOOP\nEOF", ConnectionLost),
        ("C: T1 NOOP\nS! T1 O\nEOF", ConnectionLost),
        ("C: T1 NOOP\nS! * 1 FETCH (BODY[] {10}\\r\\nabc\nEOF", ConnectionLost),
        ("C: T1 NOOP\nLOST", ConnectionLost),
        ("C: T1 NOOP\nTIMEOUT", MailTimeout),
        ("C: T1 NOOP\nS: * OK still here\nTIMEOUT", MailTimeout),
    ],
)
def test_connection_ends(transcript, error):
    """The end of the stream and of patience are told apart."""
    with pytest.raises(error):
        run(noop, transcript)


def test_too_many_responses():
    """A flood ends, whether it is data, status or requests to go on."""
    limits = ServerLimits(responses=5)
    for line in ("* LIST () NIL x", "* OK x", "+ x"):
        with pytest.raises(ProtocolError, match=r"raise limits\.responses"):
            run(noop, "C: T1 NOOP\n" + f"S: {line}\n" * 7, limits=limits)


def test_one_bad_response_among_many():
    """A response that is not understood is kept aside, and costs no other."""
    imap = selected()
    transcript = """
        C: T1 UID FETCH 1:3 (UID BODY.PEEK[])
        S! * 1 FETCH (UID 1 BODY[] {1}\\r\\na)\\r\\n
        S! * 2 FETCH (UID 2 BODY[] {1}\\r\\nb\\r\\n
        S: * 17
        S! * 3 FETCH (UID 3 BODY[] {1}\\r\\nc)\\r\\n
        S: T1 OK done
    """

    bodies = replay(fetch.fetch(imap, "1:3", None), imap.reader, transcript)
    assert bodies == {1: b"a", 3: b"c"}
    assert [raw.data for raw in imap.unparsed] == [b"* 17", b"* 2 FETCH (UID 2 BODY[] b"]
