"""The one kind of error that is meant for the person at the screen."""


class Refused(Exception):
    """An act the rules do not allow, with a sentence that says why and what to do.

    Each app has its own subclass. Anything else that is raised is a bug and may crash.
    """

    def __init__(self, message):
        super().__init__(message)
        self.message = message

    def __str__(self):
        return str(self.message)
