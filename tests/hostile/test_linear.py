"""Every shape of response, grown: read or refused in linear time.

A deadline bounds waits, not work: what a server sends within its limits must not cost minutes.
"""

import time
from contextlib import suppress

import pytest

from netmail.errors import ImapError, NetmailError, ReplyError
from netmail.flows.imap.header_decoding import HEADER_DECODING
from netmail.limits import ServerLimits
from netmail.results.maildrop_state import MaildropState
from netmail.results.pop3_capabilities import Pop3Capabilities
from netmail.wire import dot, pop3, sasl, server_text, smtp
from netmail.wire.imap import (
    events,
    fetch_data,
    mailbox_list,
    msg_att,
    responses,
    search,
    status_att,
    uidplus,
)
from netmail.wire.imap.data import (
    acl,
    body_structure,
    envelope,
    esearch,
    identification,
    mailbox_info,
    metadata,
    names,
    namespace,
    quota,
    response_code,
    thread,
    usual_body,
    vanished,
)
from netmail.wire.imap.exec_result import ExecResult
from netmail.wire.imap.fetched_message import Reading
from netmail.wire.imap.fragments import Fragmentizer
from netmail.wire.login_refusal import is_final
from netmail.wire.reader import Reader
from support.timing import FACTOR, untraced

SIZE = 50_000
SECONDS = 1.0
NOTICED = 0.05
"""Seconds from which on it is tested that twice the octets take about twice as long."""

READING = Reading(HEADER_DECODING)
LIMITS = ServerLimits(line=10**7, literal=10**7, response=10**8, lines=10**6)

IMAP = {
    "status": b"* STATUS x (",
    "status name": b"* STATUS ",
    "list flags": b"* LIST (",
    "list name": b'* LIST () "/" ',
    "list quoted name": b'* LIST () "/" "',
    "list extended": b'* LIST () "/" "x" (',
    "list child info": b'* LIST () "/" "x" ("CHILDINFO" (',
    "search": b"* SEARCH ",
    "esearch": b'* ESEARCH (TAG "x") UID ALL ',
    "esearch tag": b"* ESEARCH (TAG ",
    "esearch change": b'* ESEARCH (TAG "x") UID ADDTO (',
    "esearch changes": b'* ESEARCH (TAG "x") UID ADDTO (1 2) REMOVEFROM ',
    "no more changes": b"* NO [NOUPDATE ",
    "overflow": b"* OK [NOTIFICATIONOVERFLOW",
    "back-off": b"T1 BAD Suggested Backoff Time: ",
    "fetch": b"* 1 FETCH (A ",
    "fetch body": b"* 1 FETCH (UID 5 BODY[] ",
    "exists": b"* 1 EXISTS ",
    "fetch flags": b"* 1 FETCH (FLAGS (",
    "fetch section": b"* 1 FETCH (BODY[",
    "envelope": b"* ENVELOPE (",
    "envelope's addresses": b'* ENVELOPE (NIL "x" ((NIL NIL "a" "b")',
    "body": b"* BODY (",
    "body's parts": b'* BODY (("image" "gif" NIL NIL NIL "base64" 5)',
    "body's parameters": b'* BODY ("image" "gif" (',
    "namespace": b'* NAMESPACE (("" "/")',
    "id": b"* ID (",
    "quota": b'* QUOTA "" (',
    "acl": b"* ACL x ",
    "metadata": b"* METADATA x (",
    "vanished": b"* VANISHED (EARLIER) ",
    "thread": b"* THREAD (1 ",
    "code": b"* OK [",
    "code's data": b"* OK [COPYUID 1 ",
    "tagged": b"T1 OK [X (",
    "capability": b"* CAPABILITY ",
    "anything": b"* ",
    "nothing": b"",
}
SMTP = {"reply": b"250 ", "status code": b"250 2.0.0 ", "lines": b"250-x\r\n", "nothing": b""}
POP3 = {
    "ok": b"+OK ",
    "error": b"-ERR [",
    "locked": b"-ERR account ",
    "stat": b"1 ",
    "timestamp": b"+OK <",
    "expire": b"EXPIRE ",
    "language": b"en ",
    "language tag": b"en-",
    "dots": b"..\r\n",
    "nothing": b"",
}
UNITS = [
    *(b" ", b"(", b")", b"()", b"() ", b'"', b'"" ', b"\\", b'\\"', b"[", b"]", b"<", b"<@", b"{"),
    *(b"a", b"a ", b"1 ", b"1,", b"1:2,", b"[a] ", b'(" ', b'"(" ', b"BODY[", b"BODY[] ", b"NIL "),
    *(b"A (1) ", b"9", b"-", b"=", b"&", b"&AOQ-", b"\xff", b"\xc3\xa4", b"\t", b".", b"2.", b"%"),
    *(b"ALL 1 ", b"\x00", b"user "),
]
"""No line ends and no literals: `limits` counts those."""
TAILS = [b"x", b")"]
LINES = [b"250-AUTH A%d\r\n", b"250-K%d x\r\n", b"250-AUTH=A%d B\r\n", b"250-\r\n"]


def read_imap(octets):
    """Cut octets into responses, and give each to its readers; yield after each of them."""
    fragmentizer = Fragmentizer(reader_of(octets))
    while (fragments := fragmentizer.next()) is not None:
        yield
        status = responses.status(fragments[0])
        if status is not None:
            uidplus.copyuid(status.code.data)
            uidplus.appenduid(status.code.data)
            response_code.code_value(status.code)
            yield
            read_refusal(status.text)
        yield
        with suppress(NetmailError):
            events.event(fragments, strict=False)
        yield
        with suppress(NetmailError):
            ExecResult([fragments]).values()
        yield
        msg_att.usual_bodies([fragments])
        yield
        read_messages(fragments)
        yield
        if (response := responses.data(fragments)) is None:
            continue
        for read in READERS.get(response.name, ()):
            with suppress(NetmailError):
                read(response)
            yield


def read_refusal(text):
    """Read a refusal, and when the next try is wanted."""
    assert (ImapError("NOOP", text, "BAD").retry_after or 0) < 10**6


def read_messages(fragments):
    """Read what is written as FETCH data, and decode all of it."""
    for only_flags in (False, True):
        messages, _ = fetch_data.fetched_messages([fragments], READING, only_flags=only_flags)
        for message in messages:
            repr(message)
            message.defect  # noqa: B018 -- it decodes everything


def read_envelope(response):
    """Read what is written as an envelope."""
    for value in response.values()[:1]:
        envelope.envelope(value, HEADER_DECODING)


def read_body(response):
    """Read what is written as a body structure."""
    for value in response.values()[:1]:
        body_structure.body_structure(value, HEADER_DECODING)


# What a client gives each response to; any response is cut and given to `exec()` as well.
READERS = {
    "LIST": [mailbox_list.mailbox_list, mailbox_info.mailbox_info],
    "STATUS": [status_att.status_att_list],
    "FETCH": [
        msg_att.uid_and_body,
        lambda response: events.flags_changed(response, strict=False),
    ],
    "SEARCH": [search.number_list, lambda response: search.search_results([response])],
    "ESEARCH": [
        lambda response: search.search_results([response]),
        esearch.esearch_response,
    ],
    "NAMESPACE": [namespace.namespace_response],
    "ID": [identification.id_response],
    "QUOTA": [quota.quota_response, quota.quotaroot_response],
    "ACL": [acl.acl_data, acl.listrights_data, acl.myrights_data],
    "METADATA": [metadata.metadata_response],
    "VANISHED": [vanished.expunged_resp],
    "THREAD": [thread.thread_data],
    "CAPABILITY": [
        names.enable_data,
        names.language_data,
        names.comparator_data,
        names.jmapaccess_data,
    ],
    "ENVELOPE": [
        lambda response: envelope.usual_envelope(response.rest, HEADER_DECODING),
        read_envelope,
    ],
    "BODY": [
        lambda response: usual_body.usual_body(response.rest, HEADER_DECODING),
        read_body,
    ],
}


def read_smtp(octets):
    """Take replies, and the extensions that they may name; yield after each reader."""
    parser = smtp.ReplyParser(reader_of(octets))
    while (reply := parser.take()) is not None:
        smtp.size_limit(smtp.extensions(reply.text.split("\n")))
        yield
    smtp.handshake_extensions(octets.split(b"\r\n"))
    yield
    sasl.decode(octets)
    yield


def read_pop3(octets):
    """Read a line as each reply, and all lines as a body; yield after each reader."""
    pop3.timestamp(octets)
    yield
    is_final(ReplyError("AUTH", server_text.decode(octets)))
    yield
    for read in (
        lambda: pop3.stat(pop3.status(octets.removesuffix(b"\r\n"), b"STAT")),
        lambda: pop3.scan_listing(octets),
        lambda: pop3.unique_id(octets),
        lambda: pop3.language(octets),
        lambda: pop3.language_range(octets.decode("latin-1")),
        lambda: pop3.capabilities(octets.splitlines()),
        lambda: dot.unstuff(reader_of(octets + dot.END).dot_terminated() or b""),
        lambda: reader_of(octets + b"\n").dot_terminated(bare_lf=True),
        lambda: pop3.check_unique_id(octets.decode("latin-1")),
        lambda: views_of(pop3.capabilities(octets.splitlines())),
        lambda: in_pieces(octets + dot.END, bare_lf=False),
        lambda: in_pieces(octets + b"\n.\n", bare_lf=True),
        lambda: MaildropState([octets.decode("latin-1")]),
    ):
        with suppress(NetmailError):
            read()
        yield


def views_of(capabilities):
    """Use each typed view."""
    for name, view in vars(Pop3Capabilities).items():
        if isinstance(view, property):
            getattr(capabilities, name)


def in_pieces(octets, *, bare_lf):
    """Take a body as it comes, a few octets at a time."""
    reader, unstuffing = Reader(LIMITS), dot.Unstuffing(bare_lf=bare_lf)
    begins = True
    for start in range(0, len(octets), 50):
        reader.feed(octets[start : start + 50])
        part = reader.dot_terminated_part(bare_lf=bare_lf, begins=begins)
        if part is not None:
            unstuffing.add(part[0])
            begins = False


def reader_of(octets):
    """A buffer that holds octets."""
    reader = Reader(LIMITS)
    reader.feed(octets)
    return reader


def seconds(read, head, unit, tail, size):
    """Return how much of the processor the slowest reader takes for a shape of so many octets."""
    octets = head + unit * (size // len(unit)) + tail + b"\r\n"
    with untraced():
        slowest, begun = 0.0, time.process_time()
        with suppress(NetmailError):
            for _ in read(octets):
                slowest, begun = max(slowest, time.process_time() - begun), time.process_time()
        return max(slowest, time.process_time() - begun)


def check_linear(read, head, unit, tail):
    """Fail where 50,000 octets take a second, or twice the octets far more than twice as long.

    Other programs disturb a clock, but not five times in a row.
    """
    for _ in range(5):
        took = seconds(read, head, unit, tail, SIZE)
        if took < NOTICED:
            return
        twice = seconds(read, head, unit, tail, 2 * SIZE)
        if took < SECONDS * FACTOR and twice < 3 * took:
            return
    raise AssertionError(f"{head!r} {unit!r} {tail!r}: {took:.2f} s, {twice:.2f} s for twice of it")


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
@pytest.mark.parametrize(
    ("read", "heads"),
    [(read_imap, IMAP), (read_smtp, SMTP), (read_pop3, POP3)],
    ids=["imap", "smtp", "pop3"],
)
def test_shapes(read, heads, unit):
    """No shape of a response takes longer than its octets."""
    for head in heads.values():
        for tail in TAILS:
            check_linear(read, head, unit, tail)


@pytest.mark.parametrize("line", LINES)
def test_extensions(line):
    """The reply to EHLO, which is read before the login, may have any number of lines."""
    numbered = [line % number if b"%d" in line else line for number in range(30_000)]

    for _ in range(5):
        with untraced():
            begun = time.process_time()
            smtp.handshake_extensions([each.rstrip() for each in numbered])
            took = time.process_time() - begun
        if took < FACTOR:
            return
    raise AssertionError(f"{took:.2f} s")
