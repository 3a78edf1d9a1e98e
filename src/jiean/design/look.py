"""What a person chose to see: light or dark, kept in a cookie, and known to every template as ``look``."""

from dataclasses import dataclass

from django.http import HttpRequest

THEME_COOKIE = "jiean_theme"
THEMES = ("auto", "light", "dark")
_DARK_MEDIA = {"auto": "(prefers-color-scheme: dark)", "light": "not all", "dark": "all"}
_COLOR_SCHEME = {"auto": "light dark", "light": "light", "dark": "dark"}


@dataclass(frozen=True)
class Look:
    """The theme of one page; the dark tokens are linked with ``dark_media``."""

    theme: str = "auto"

    @property
    def dark_media(self) -> str:
        return _DARK_MEDIA[self.theme]

    @property
    def color_scheme(self) -> str:
        return _COLOR_SCHEME[self.theme]


def chosen_look(request: HttpRequest, otherwise: str = "auto") -> Look:
    """The look the person chose, or the given one when they never chose."""
    theme = request.COOKIES.get(THEME_COOKIE, otherwise)
    return Look(theme if theme in THEMES else otherwise)


def look(request: HttpRequest) -> dict[str, Look]:
    """Context processor."""
    return {"look": chosen_look(request)}
