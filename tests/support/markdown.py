"""The fenced blocks of Markdown documents.

Nothing here knows what is in a block.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,}|~{3,})(?P<info>.*)$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    Attributes:
        info: Its language, and what follows it.
        line: The number of its first line, after the fence.
        above: The line above the fence.
        text: What is in it, without the fence's indentation.
    """

    info: str
    line: int
    above: str
    text: str


def blocks(lines: list[str]) -> Iterator[Block]:
    """Yield the fenced blocks of a document."""
    numbered = iter(enumerate(lines))
    for number, line in numbered:
        opening = FENCE.match(line)
        if not opening:
            continue
        inside: list[str] = []
        for _, text in numbered:
            closing = FENCE.match(text)
            if closing and closing["ticks"].startswith(opening["ticks"]) and not closing["info"]:
                break
            inside.append(text.removeprefix(opening["indent"]))
        above = lines[number - 1].strip() if number else ""
        yield Block(opening["info"].strip(), number + 2, above, "\n".join(inside) + "\n")


def blocks_of(path: Path) -> list[Block]:
    """Return the fenced blocks of a file."""
    return list(blocks(path.read_text("utf-8").splitlines()))
