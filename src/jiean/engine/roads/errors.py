"""What can be wrong with a road file."""


class RoadsError(Exception):
    """A road network that cannot be used; the message says what to put right."""


class FileBroken(RoadsError):
    """The file cannot be read: missing, cut off, of another format or version, or with columns missing."""


class NoWays(RoadsError):
    """The file was read, but it holds no road that a vehicle may use."""


class WrongDatum(RoadsError):
    """The coordinates are not degrees of longitude and latitude (projected metres, or the two swapped)."""


class Unreachable(RoadsError):
    """Closed streets leave no way between two places."""
