"""What can be wrong with a question about cells or about the people who look after them."""


class DistrictsError(ValueError):
    """A question that cannot be answered; the message names the atom, cell, person or number at fault."""


class ZeroDemand(DistrictsError):
    """No atom has any demand, so there is nothing to balance."""


class Disconnected(DistrictsError):
    """Some atoms touch no other, or rules cut the town into more pieces than there are cells."""


class Contradiction(DistrictsError):
    """Two rules cannot both be kept."""


class NobodyFits(DistrictsError):
    """The people's limits leave a cell without anybody, or there are more least shares than cells."""
