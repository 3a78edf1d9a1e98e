"""What can be wrong with a simulation."""


class SimulationError(ValueError):
    """A town or scenario that cannot be simulated; the message names the field at fault."""
