"""The language of the server's texts: LANGUAGE.

This file knows when the server may be asked, and no grammar.

RFC 5255 section 3.2.
"""

from collections.abc import Iterable
from itertools import chain

from netmail.flows.flow import Flow
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap import encode
from netmail.wire.imap.data.names import language_data


def language(session: ImapSession, tags: str | Iterable[str]) -> Flow[list[str]]:
    """Choose the language of texts, or list those that there are: LANGUAGE.

    RFC 5255 section 3.2.
    """
    # language-cmd = "LANGUAGE" *(SP lang-range-quoted)
    #
    # C: T1 LANGUAGE "de" "en"
    # S: * LANGUAGE (de)
    # S: T1 OK Befehl erledigt
    #
    # In any state: "The LANGUAGE command is valid in all states".
    written = [
        encode.string(encode.atom(tag, "a language"))
        for tag in encode.split_at_spaces(tags, "languages")
    ]
    session.require("LANGUAGE", "language()")
    responses = yield from session.command("LANGUAGE", *written)
    found = list(chain(*session.read_each(language_data, responses.named("LANGUAGE"))))
    # "A LANGUAGE response with a list containing a single language tag indicates that the server is
    # now using that language", section 3.3; it may be the only one of a listing too.
    if written and len(found) == 1:
        session.language = found[0]
    return found
