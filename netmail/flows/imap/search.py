"""Finding messages.

RFC 9051 section 6.4.4; RFC 4731 (ESEARCH) is read where a server answers so.
"""

from netmail.flows.flow import Flow
from netmail.flows.imap.select import SelectFlows
from netmail.wire.imap import search


class SearchFlows(SelectFlows):
    """UID SEARCH."""

    def search(self, query: str | None, folder: str | None) -> Flow[list[int]]:
        """UID SEARCH."""
        arguments = search.query(query or "")
        yield from self.enter(folder)
        answer = yield from self.command("UID SEARCH", *arguments)
        return search.results(answer.named("SEARCH", "ESEARCH"), strict=self.strict)
