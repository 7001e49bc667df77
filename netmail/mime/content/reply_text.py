"""What the author of a reply wrote: the text without quotations and signature.

This file knows how mailers mark a quotation; it knows no header.
"""

import re

# "-- ", the line above a signature                           RFC 3676 section 4.3
# Some mailers strip the space.
_SIGNATURE = re.compile(r"--[ \t]?\Z")

# "-----Original Message-----" of Outlook, "-----Ursprüngliche Nachricht-----": all below is quoted.
_ORIGINAL = re.compile(
    r"[ \t]*-{3,}[ \t]*(?:Original Message|Ursprüngliche Nachricht|Message d'origine"
    r"|Mensaje original|Messaggio originale)[ \t]*-{3,}[ \t]*\Z",
    re.IGNORECASE,
)

# "On Mon, Jan 15, 2024, Ann <a@b.example> wrote:", "Am 15.01.2024 schrieb Ann:", "Le ... a écrit :"
# The colon at the end shows it, together with a date or an address in it.
_ATTRIBUTION = re.compile(r"(?=[^\n]*[\d@])[^\n]{4,300}:[ \t]*\Z")


def reply_text(text: str) -> str:
    """Drop quotations, the lines that announce them, and the signature.

    Args:
        text: The text of a reply; lines end in LF.

    Returns:
        What is left, without empty lines at its ends.
    """
    kept: list[str] = []
    quoting = False
    for line in text.split("\n"):
        if _SIGNATURE.match(line) or _ORIGINAL.match(line):
            break
        if line.startswith(">"):
            if not quoting:
                _drop_attribution(kept)
            quoting = True
        else:
            quoting = quoting and not line.strip()
            kept.append(line)
    return "\n".join(kept).strip("\n")


def _drop_attribution(kept: list[str]) -> None:
    """Drop the line, or two folded ones, that say whose text is quoted below."""
    end = len(kept)
    while end and not kept[end - 1].strip():
        end -= 1
    for size in (1, 2):
        if end >= size and all(line.strip() for line in kept[end - size : end]):
            joined = " ".join(kept[end - size : end])
            if _ATTRIBUTION.match(joined):
                del kept[end - size :]
                return
