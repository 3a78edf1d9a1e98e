"""What can be wrong with a question about shifts."""


class RosterError(ValueError):
    """A question that cannot be answered; the message names the shift, person, team or number at fault."""


class NobodyLeft(RosterError):
    """A shift needs more people than may work it."""


class Impossible(RosterError):
    """No roster keeps rest, leave and need together."""
