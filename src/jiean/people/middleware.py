"""The place settings name for the middleware that finds who stands at the door."""

from jiean.people.sessions import ActorMiddleware

__all__ = ["ActorMiddleware"]
