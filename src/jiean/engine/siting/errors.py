"""What can be wrong with a siting question."""


class SitingError(ValueError):
    """A question that cannot be answered; the message names the number, row or column at fault."""


class Infeasible(SitingError):
    """The rules contradict each other, or some demand can be reached from no site that may be opened."""
