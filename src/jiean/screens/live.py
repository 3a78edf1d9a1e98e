"""Which news a part of a page is re-fetched for."""

from jiean.kernel.events import known_events


def events_of(*rooms: str) -> str:
    """Names of all events of the rooms, as ``data-live`` wants them."""
    return " ".join(name for name in sorted(known_events()) if name.split(".")[0] in rooms)
