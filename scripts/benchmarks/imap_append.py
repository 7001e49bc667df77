"""One message of 200 MB put into a mailbox of Dovecot: from a file, and from an attachment.

The bare socket sends the same octets from the same file, and does nothing else. All run by turns in
one process, and the memory that netmail adds is measured before.
"""

from pathlib import Path

from benchmarks.imap import BareSocket, timed
from benchmarks.imap_fetch import LARGE, memory_added

AIM, MEMORY, ROUNDS = 2.5, 16, 3
BLOCK = 64 * 1024


class Uploader(BareSocket):
    """Sends a file as one literal, and reads up to the tagged OK."""

    def append(self, path: Path) -> None:
        size = path.stat().st_size
        self.connection.sendall(b"b APPEND INBOX {%d}\r\n" % size)
        self.connection.recv(4096)
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                self.connection.sendall(block)
        self.connection.sendall(b"\r\n")
        while b"b OK" not in self.connection.recv(4096):
            pass


def measured(client, bare: Uploader, title: str, message: object, path: Path) -> bool:
    """Print one row; tell whether the aims are met."""

    def work() -> None:
        client.append("INBOX", message)

    def others() -> None:
        bare.append(path)

    def both() -> tuple[float, float]:
        client.store("1:*", "+FLAGS", r"\Deleted", "INBOX")
        client.expunge("INBOX")
        return timed(others)[0], timed(work)[0]

    added = memory_added(work)
    pairs = [both() for _ in range(ROUNDS)]
    ratios = sorted(ours / theirs for theirs, ours in pairs)
    ratio, seconds = ratios[ROUNDS // 2], min(ours for _, ours in pairs)
    print(f"  {title:<28}{seconds * 1000:6.0f} ms  x{ratio:.2f} of a bare socket (at most {AIM})")
    print(f"  {'':<28}memory added: {added:.1f} MiB (at most {MEMORY})", flush=True)
    return ratio <= AIM and added < MEMORY


def run() -> bool:
    """Measure and print; tell whether the aims are met."""
    import netmail
    from servers.dovecot import Dovecot
    from servers.process import open_folder

    with open_folder("bench") as folder, Dovecot.start(folder) as server:
        path, user = Path(folder) / "large.eml", server.fresh_user()
        line = b"0123456789abcdef" * 4 + b"\r\n"
        path.write_bytes(b"Subject: large\r\n\r\n" + line * (LARGE // len(line)))
        draft = netmail.message().from_("ann@example.test").text("See.")
        draft.attachment(path, "large.bin", content_type="application/octet-stream")
        written = Path(folder) / "written.eml"
        with written.open("wb") as file:
            draft.write_to(file)
        bare = Uploader((server.host, server.ports.imap), user)
        options = {"tls": netmail.TLS_NONE, "timeout": 120_000}
        with netmail.Imap(server.url("imap", user, server.host), **options) as client:
            met = measured(client, bare, f"{LARGE // 10**6} MB from a file", path, path)
            met &= measured(client, bare, "the same, as an attachment", draft, written)
        bare.close()
    return met
