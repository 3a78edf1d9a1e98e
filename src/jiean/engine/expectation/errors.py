"""What can be wrong with a history of calls."""


class ExpectationError(ValueError):
    """A history or a calendar that cannot be used; the message names the number at fault."""


class NoCalls(ExpectationError):
    """The history holds no calls of a kind, so nothing can be expected of it."""
