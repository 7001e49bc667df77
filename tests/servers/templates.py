"""Configuration files with places to fill in, written as `@name@`.

This file knows no server. Neither Dovecot's braces nor Postfix's dollars need escaping so.
"""

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "templates"
PLACE = re.compile("@([a-z0-9_]+)@")


def fill(template: str, **values: object) -> str:
    """Return the template with each place filled.

    Raises:
        KeyError: If a place has no value.
        ValueError: If a value has no place.
    """
    text = (FOLDER / template).read_text("utf-8")
    if unused := values.keys() - set(PLACE.findall(text)):
        raise ValueError(f"{template} has no place for {sorted(unused)}")
    return PLACE.sub(lambda place: str(values[place[1]]), text)
