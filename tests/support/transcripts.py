r"""Sessions as files: a client's calls, what they return, and every line that goes over the wire.

A file tests/transcripts/<protocol>/<server>/<name>.txt is one session, from the greeting on:

    # Dovecot 2.3.19. A search that finds two messages, and one that the server refuses.
    options: username="ann", password="secret"
    connect: TLS
    S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready
    C: A001 AUTHENTICATE PLAIN ***
    S: A001 OK [CAPABILITY IMAP4rev1 UIDPLUS] Logged in

    call: select("INBOX")["exists"]
    result: 3
    C: T1 SELECT "INBOX"
    S: * 3 EXISTS
    S: T1 OK [READ-WRITE] Select completed

    call: search("NONSENSE")
    raises: ImapError: unknown key
    C: T2 UID SEARCH NONSENSE
    S: T2 BAD unknown key

The head, each line at most once:

    options: KEYWORDS       options of the client beside the host, as Python writes them
    limits: KEYWORDS        `ServerLimits`, in the same form
    server: ARGUMENTS       what `scripts/transcript` starts a server with, such as smtp-sink's -p
    prepare: CALL           what `scripts/transcript` calls by IMAP, in any protocol, to put mail
                            into the mailbox before it records; a replay does not
    capabilities: LIST      what the server offers to a client that need not log in, in place of
                            `connect`: as IMAP's CAPABILITY, or as lines of EHLO or CAPA with ", "
                            between them
    connect:                the lines that libcurl exchanges, secrets as ***; its tags are A001 ...
    connect: TLS            the same where the connection is encrypted in the end
    open:                   the lines that netmail exchanges before the first call can be made

Then steps, each of which is a call with what is expected of it and its lines:

    call: EXPRESSION        an expression over the client's methods and properties, which are plain
                            names here, netmail's exports, and `datetime`; at most one method that
                            goes over the wire. A tag of netmail's is T1, T2, ...
    result: EXPRESSION      what the call returns; without it and `raises` that is None
    accepted: RECIPIENTS    each with the code of its reply, where a call returns a `SendReport`;
    refused: RECIPIENTS     without the line there is none
    raises: CLASS: TEXT     the error's class, and a part of its text
    then: EXPRESSION        what is true afterwards, where `result` is what the call returned; may
                            be repeated
    strict:                 with the option `strict` this step fails by a `ProtocolError`

Indented lines continue the line above. All other lines are those of `support.replay`.
"""

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

from netmail.flows.handshake import Handshake
from support.replay import TRANSCRIPTS, read_transcript

FILES = sorted(TRANSCRIPTS.rglob("*.txt"))
_HEAD = ("server", "options", "limits", "prepare", "capabilities", "connect", "open")
_STEP = ("result", "accepted", "refused", "raises", "then", "strict")
_KEY = re.compile(r"(?P<key>[a-z]+):(?: (?P<value>.*))?")


@dataclass
class Block:
    """A line with a key, what continues it, and the lines of the wire that follow it."""

    key: str
    value: str
    line: int
    wire: str = ""

    def add(self, number: int, line: str) -> None:
        """Take a line; empty ones before it keep the numbers that failures show."""
        self.wire += "\n" * (number - 1 - self.wire.count("\n")) + line + "\n"


@dataclass
class Step:
    """One call, what is expected of it, and its lines."""

    call: Block
    facts: list[Block] = field(default_factory=list)

    def fact(self, key: str) -> str | None:
        """Return what is expected under a key, or `None`."""
        return next((fact.value for fact in self.facts if fact.key == key), None)

    @property
    def wire(self) -> str:
        """The lines of the step, wherever among its keys they are."""
        return next((block.wire for block in [self.call, *self.facts] if block.wire), "")


@dataclass
class Transcript:
    """A session's file, read."""

    path: Path
    about: str
    head: dict[str, Block]
    steps: list[Step]

    @property
    def protocol(self) -> str:
        """The protocol, which is the first folder's name."""
        return self.path.relative_to(TRANSCRIPTS).parts[0]

    @property
    def name(self) -> str:
        """The protocol, the server and the file."""
        return str(self.path.relative_to(TRANSCRIPTS).with_suffix(""))

    def keywords(self, key: str) -> dict[str, object]:
        """Return a head's line of keyword arguments."""
        block = self.head.get(key)
        call = ast.parse(f"f({block.value if block else ''})", mode="eval").body
        return {word.arg: ast.literal_eval(word.value) for word in call.keywords}

    @property
    def opening(self) -> str:
        """The lines that netmail exchanges before the first call."""
        return self.head["open"].wire if "open" in self.head else ""

    def handshake(self) -> Handshake:
        """Return what was exchanged while the connection was made."""
        connect = self.head.get("connect")
        offers = self.head.get("capabilities")
        lines = connect.wire if connect else _greeting(self.protocol, offers and offers.value)
        turns = [
            (turn.who, line)
            for turn in read_transcript(lines)
            for line in turn.data.removesuffix(b"\r\n").split(b"\r\n")
        ]
        encrypted = connect is not None and connect.value == "TLS"
        return Handshake(tuple(turns), encrypted=encrypted)


def read(path: Path) -> Transcript:
    """Read a file.

    Raises:
        AssertionError: If a key is unknown, or where it does not belong.
    """
    return parse(path, path.read_text("utf-8"))


def parse(path: Path, text: str) -> Transcript:
    """Read a transcript's text; the path says which protocol and server it is of."""
    blocks: list[Block] = [Block("about", "", 1)]
    for number, line in enumerate(text.splitlines(), 1):
        if found := _KEY.fullmatch(line):
            blocks.append(Block(found["key"], found["value"] or "", number))
        elif line.startswith(" ") and not blocks[-1].wire:
            blocks[-1].value += "\n" + line
        elif line and not line.startswith("#"):
            blocks[-1].add(number, line)
        elif len(blocks) == 1:
            blocks[0].value += line + "\n"
    return _assemble(path, blocks)


def _assemble(path: Path, blocks: list[Block]) -> Transcript:
    about, *rest = blocks
    made = Transcript(path, about.value, {}, [])
    for block in rest:
        where = f"{made.name}, line {block.line}: {block.key}:"
        if block.key == "call":
            made.steps.append(Step(block))
        elif block.key in _STEP and made.steps:
            made.steps[-1].facts.append(block)
        else:
            assert block.key in _HEAD, f"{where} is not known"
            assert not made.steps, f"{where} belongs before the first call"
            assert block.key not in made.head, f"{where} is there twice"
            made.head[block.key] = block
    assert made.steps or about.wire, f"{made.name} has no call"
    return made


def _greeting(protocol: str, offers: str | None) -> str:
    """Return the shortest handshake in which a server makes such offers."""
    lines = [line.strip() for line in offers.split(",")] if offers else []
    if protocol == "imap":
        return f"S: * PREAUTH [CAPABILITY {offers or 'IMAP4rev1'}] ready\n"
    if protocol == "pop3":
        body = "".join(f"S: {line}\n" for line in [*lines, "."])
        return f"S: +OK ready\nC: CAPA\nS: +OK\n{body}"
    *first, last = ["mail.example.test", *lines]
    reply = "".join(f"S: 250-{line}\n" for line in first) + f"S: 250 {last}\n"
    return f"S: 220 ready\nC: EHLO me\n{reply}"
