"""What carriers have in common, and what can come of sending, other than that it went."""


class Unreachable(Exception):
    """The server cannot be spoken to: nothing was sent, and nothing else of this channel need be tried now."""


class Refused(Exception):
    """The server said no. `for_good` when trying again is pointless."""

    def __init__(self, answer, *, for_good=False):
        super().__init__(answer)
        self.for_good = for_good


class Doubtful(Exception):
    """The conversation broke while sending: it may or may not have gone out. `hangs`: the server kept silent."""

    def __init__(self, answer, *, hangs=False):
        super().__init__(answer)
        self.hangs = hangs


class Carrier:
    """Sends messages of one channel, one after the other. `is_down`: nothing more of it need be tried now."""

    is_down = False

    def prepare(self, message):
        """The message as it will be sent. What raises here has not gone out for certain."""
        return message

    def send(self, ready):
        """Hand it over. Raises Unreachable, Refused or Doubtful."""

    def close(self):
        """Say goodbye, if there is anybody to say it to."""
