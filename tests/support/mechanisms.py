"""A SASL mechanism as a caller would write it: the password is sent in reverse."""


class Reversed:
    """The server asks for a name and for a password; `begins` tells which side begins."""

    name = "X-Reversed"
    begins = False

    def __init__(self, username, secret):
        self.responses = [username.encode(), secret.reveal()[::-1].encode() if secret else b""]

    def step(self, challenge):
        """Return the next response."""
        if challenge is None and not self.begins:
            return None
        if not self.responses:
            raise LookupError("the server asks once more")
        return self.responses.pop(0)


class Beginning(Reversed):
    """The same with an initial response."""

    begins = True
