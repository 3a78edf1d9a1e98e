"""What can be wrong with a question about patrols."""


class PatrolError(ValueError):
    """A question that cannot be answered; the message names the stop, car, place or number at fault."""


class NoCars(PatrolError):
    """There is no car."""


class Impossible(PatrolError):
    """A visit that must be made fits into no car's shift or window, or no route keeps every rule."""
