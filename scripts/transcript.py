"""Record a client's session with a server as a file under tests/transcripts/.

    scripts/transcript imap/dovecot/search 'select("INBOX")' 'search("ALL")' --about "Two searches."
    scripts/transcript imap/dovecot/search
    scripts/transcript imap/other/search 'search("ALL")' --url imap://ann:secret@127.0.0.1:31143

The name is protocol, server and file. dovecot, cyrus, postfix, smtp-sink, pymap and aiosmtpd are
started, new and empty; any other server needs a URL. Without calls, those of the file are made
again: what a file needs to be recorded is a comment, `options:`, `prepare:` and its `call:` lines.
All lines and results are then written, and the file is played. tests/support/transcripts.py says
what the file means; what a recording cannot know, such as when a server closes, is added by hand.
"""

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from netmail.testing import MailServer
from servers.accounts import ALICE
from servers.certificates import Certificates
from servers.cyrus import Cyrus
from servers.dovecot import Dovecot
from servers.postfix import Postfix
from servers.process import open_folder
from servers.smtp_sink import SmtpSink
from support.player import play
from support.recorder import record
from support.replay import TRANSCRIPTS
from support.transcripts import Block, Step, Transcript, read

LOGIN = {"username": ALICE.name, "password": ALICE.password}


Options = dict[str, object]


@contextlib.contextmanager
def running(protocol: str, server: str, arguments: list[str]) -> Iterator[tuple[Options, Options]]:
    """Start a server; yield the options that reach it, and those that reach its mailboxes."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(open_folder("transcript"))
        if server in {"pymap", "aiosmtpd", "netmail"}:
            made = stack.enter_context(MailServer({ALICE.address: ALICE.password}))
            yield reached(made.url_for(protocol)), reached(made.url_for("imap"))
        elif server == "smtp-sink":
            sink = stack.enter_context(SmtpSink.start(folder, arguments))
            yield {"host": "127.0.0.1", "port": sink.port}, {}
        elif server == "cyrus":
            cyrus = stack.enter_context(Cyrus.start(folder, Certificates.generate(folder)))
            found = {"host": "127.0.0.1", **LOGIN}
            mailbox = {**found, "port": cyrus.ports.imap}
            yield {**found, "port": getattr(cyrus.ports, protocol)}, mailbox
        else:
            dovecot = stack.enter_context(Dovecot.start(folder, Certificates.generate(folder)))
            common = {"host": "127.0.0.1", "ca_file": dovecot.ca_file}
            mailbox = {**common, "port": dovecot.ports.imap, **LOGIN}
            if server == "postfix":
                postfix = stack.enter_context(Postfix.start(folder, dovecot))
                port = getattr(postfix.ports, *arguments[:1] or ["smtp"])
                yield {**common, "port": port}, mailbox
            else:
                yield {**mailbox, "port": getattr(dovecot.ports, protocol)}, mailbox


def reached(url: str) -> dict[str, object]:
    """Return a URL as options."""
    parts = urlsplit(url)
    found: dict[str, object] = {"host": parts.hostname, "port": parts.port}
    if parts.username:
        found |= {"username": unquote(parts.username), "password": unquote(parts.password or "")}
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", help="protocol/server/file")
    parser.add_argument("calls", nargs="*", metavar="CALL", help="such as 'search(\"ALL\")'")
    parser.add_argument("--about", help="the comment at its head")
    parser.add_argument("--options", help="options of the client, such as 'auth=\"PLAIN\"'")
    parser.add_argument("--prepare", help="an IMAP call that is made before and not recorded")
    parser.add_argument("--server", help="arguments of smtp-sink, or postfix's port: submission")
    parser.add_argument("--url", help="the server, if it is not one that is started here")
    parser.add_argument("--mailbox", help="with --url: its IMAP, for what is to be prepared")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    name = given.name.removeprefix("tests/transcripts/").removesuffix(".txt")
    protocol, server, _ = name.split("/")
    path = TRANSCRIPTS / f"{name}.txt"
    steps = [Step(Block("call", call, 0)) for call in given.calls]
    about = f"# {given.about or server}\n"
    transcript = Transcript(path, about, {}, steps) if steps else read(path)
    for key in ("server", "options", "prepare"):
        if value := getattr(given, key):
            transcript.head[key] = Block(key, value, 0)
    if given.url:
        text = record(transcript, reached(given.url), given.mailbox and reached(given.mailbox))
    else:
        started_with = (
            transcript.head["server"].value.split() if "server" in transcript.head else []
        )
        with running(protocol, server, started_with) as found:
            text = record(transcript, *found)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    print(text, end="")
    play(read(path))
    return 0


if __name__ == "__main__":
    sys.exit(main())
