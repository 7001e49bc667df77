"""Derive the blocking clients and a pipeline's calls from the asyncio clients.

The result is committed and shipped: it is read, debugged and linted like any other source. With
`--check` nothing is written; the exit status tells whether every file is as it would be written.
"""

import re
import subprocess
import sys
from pathlib import Path

from pipeline_calls import pipeline_calls

CLIENTS = Path(__file__).parent.parent / "netmail" / "clients"
SOURCES = (
    "async_imap.py",
    "async_imap_account.py",
    "async_imap_live.py",
    "async_imap_fetch.py",
    "async_imap_mailboxes.py",
    "async_imap_extensions.py",
    "async_imap_search.py",
    "pipelining/async_pipeline.py",
    "uploads/async_imap_uploads.py",
    "async_pop3.py",
    "async_result_iterator.py",
    "async_transport.py",
    "../query/async_database.py",
    "../query/async_driver.py",
    "../query/async_selection.py",
)
RUFF = (sys.executable, "-m", "ruff")
NOTICE = "# Written by scripts/twins from {source}: edit that file, not this one.\n"
# In this order: a word of asyncio, and what stands in its place in the blocking client.
SUBSTITUTIONS = (
    (r"\bIterable\[(\w+)\] \| AsyncIterable\[\1\]", r"Iterable[\1]"),
    (r",\s+or an asynchronous one\.", "."),
    (r"\basync (?=def |with |for )", ""),
    (r"\bawait ", ""),
    (r"\bThe asyncio (?=\w+ client)", "The blocking "),
    (r"\ban asyncio (?=iterator)", "a blocking "),
    (r"\bStopAsync(?=Iteration\b)", "Stop"),
    (r"\bAsync(?=(?:Iterat|Generat|Context)\w+\b)", ""),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\basync_(?=client|imap|pipeline|pop3|result_iterator|transport)", ""),
    (r"\basync_(?=database|driver|selection)", ""),
    (r"\bconnect_async\b", "connect"),
    (r", for asyncio(?=[.:])", ""),
    (r"\b__a(?=enter__|exit__|iter__|next__)", "__"),
    (r"\baclose\b", "close"),
    (r"\baclosing\b", "closing"),
    (r"\banext\b", "next"),
    (r"\baiter\b", "iter"),
    (r"\bdrive_async\b", "drive"),
)


def blocking(source: Path) -> str:
    """Return the blocking twin of an asyncio client, formatted."""
    text = source.read_text("utf-8")
    for pattern, replacement in SUBSTITUTIONS:
        text = re.sub(pattern, replacement, text)
    return formatted(NOTICE.format(source=source.name) + text, target(source))


def formatted(text: str, path: Path) -> str:
    """Return a module's source as it is committed."""
    for command in (("check", "--select=I,F401", "--fix-only"), ("format",)):
        line = [*RUFF, *command, "--quiet", "--stdin-filename", str(path), "-"]
        text = subprocess.run(line, input=text, capture_output=True, text=True, check=True).stdout
    return text


def target(source: Path) -> Path:
    """Return where the twin belongs."""
    return source.with_name(source.name.removeprefix("async_"))


def is_same(path: Path, text: str) -> bool:
    """Tell whether a file is there and holds the text."""
    return path.exists() and path.read_text("utf-8") == text


def main() -> int:
    """Write the twins, or name those that differ."""
    written = {target(CLIENTS / name): blocking(CLIENTS / name) for name in SOURCES}
    calls = CLIENTS / "pipelining" / "pipeline_calls.py"
    written[calls] = formatted(pipeline_calls(CLIENTS), calls)
    stale = [path for path, text in written.items() if not is_same(path, text)]
    for path in stale:
        print(f"{path.name} is not what scripts/twins writes")
        if "--check" not in sys.argv[1:]:
            path.write_text(written[path], "utf-8")
    return int(bool(stale) and "--check" in sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
