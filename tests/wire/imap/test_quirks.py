"""What known servers do against the grammar: taken, and refused by `strict`.

That each is taken is shown by its transcript, which `test_transcripts` plays.
"""

import pytest

from netmail.errors import ProtocolError
from netmail.wire.imap.quirks import NOT_UNDERSTOOD, QUIRKS
from support.player import Player
from support.replay import TRANSCRIPTS
from support.transcripts import read

FOLDER = TRANSCRIPTS / "imap" / "quirks"
# The one quirk that is not named in its error: what the parser says of the response is.
SENTENCES = {NOT_UNDERSTOOD.name: "a list is not closed"}


def test_every_quirk_has_a_transcript():
    """Each tolerance has its transcript, and each of those its tolerance."""
    assert {path.stem for path in FOLDER.glob("*.txt")} == {quirk.name for quirk in QUIRKS}


@pytest.mark.parametrize("quirk", QUIRKS, ids=[quirk.name for quirk in QUIRKS])
def test_strict(quirk):
    """With `strict` the same is a ProtocolError that says which rule is broken."""
    session = Player(read(FOLDER / f"{quirk.name}.txt"), size=1, strict=True)

    with pytest.raises(ProtocolError) as caught:
        session.play()
    assert SENTENCES.get(quirk.name, quirk.what) in str(caught.value)
