"""`python -m netmail.mime FILE`: show a message's tree, headers and defects.

This file knows the command line; it knows no grammar.
"""

import argparse
import sys
from pathlib import Path

from netmail.errors import LimitError
from netmail.mime.mail import Mail
from netmail.mime.parser import parse

_ABOUT = "Show a message's tree, headers and defects."


def main(arguments: list[str] | None = None) -> int:
    """Show a message's tree, headers and defects.

    Args:
        arguments: The command line without the program's name; `None` for the real one.

    Returns:
        0, or 1 if the file could not be read, or not as a whole.
    """
    parser = argparse.ArgumentParser(prog="python -m netmail.mime", description=_ABOUT)
    parser.add_argument("file", help='a message; "-" for standard input')
    parser.add_argument("--json", action="store_true", help="print the message as JSON")
    parser.add_argument("--save", metavar="DIR", help="save the attachments into a folder")
    options = parser.parse_args(arguments)
    try:
        mail, problem = _read(options.file)
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    print(mail.to_json(indent=2) if options.json else _shown(mail))
    if options.save:
        for attachment in mail.attachments:
            print(f"saved {attachment.save(options.save)}", file=sys.stderr)
    if problem:
        print(problem, file=sys.stderr)
    return 1 if problem else 0


def _read(name: str) -> tuple[Mail, str]:
    """Read the message; return it, and the limit that ended the reading, as a sentence."""
    try:
        return parse(sys.stdin.buffer if name == "-" else Path(name)), ""
    except LimitError as error:
        if isinstance(error.mail, Mail):
            return error.mail, str(error)
        raise


def _shown(mail: Mail) -> str:
    """Return the message for the terminal, without control characters, which could steer it."""
    lines = [
        f"{'  ' * part.node.depth}{part.section} {part.content_type}"
        + (f" {part.filename!r}" if part.filename else "")
        for part in mail.walk()
    ]
    lines += ["", str(mail.headers), ""]
    lines += [str(defect) for defect in mail.defects] or ["no defects"]
    return "".join(char for char in "\n".join(lines) if char.isprintable() or char in "\n\t")


if __name__ == "__main__":
    sys.exit(main())
