"""Pages a browser may keep so that they open without a network: each a shell with nothing of anybody on it, and its files.

A room registers its page when the apps are ready; one script (``/sw.js``) answers for all of them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.templatetags.static import static

DESIGN = (
    "design/tokens.css", "design/tokens-dark.css", "design/base.css", "design/forms.css", "design/parts.css",
    "design/public.css", "design/icons.svg", "design/icon.svg", "design/form.js", "design/outbox.js",
)  # fmt: skip


@dataclass(frozen=True)
class KeptPage:
    """``shell`` stands in for every address that begins with ``address`` (for just this one if ``only``) while nothing answers."""

    address: str
    shell: str
    files: tuple[str, ...] = ()
    only: bool = False


_PAGES: dict[str, KeptPage] = {}


def keep_page(page: KeptPage) -> None:
    """Have browsers keep a page."""
    _PAGES[page.shell] = page


def kept_pages() -> list[KeptPage]:
    """Every page to keep, in the order of their addresses."""
    return sorted(_PAGES.values(), key=lambda page: page.address)


def kept_files() -> list[str]:
    """The addresses of the files of all of them."""
    return [static(name) for name in dict.fromkeys([*DESIGN, *(name for page in kept_pages() for name in page.files)])]


def build() -> str:
    """A name for this set of pages and files: another where one of them is another."""
    said = [*kept_files(), *(f"{page.address} {page.shell}" for page in kept_pages())]
    return hashlib.sha256(" ".join(said).encode()).hexdigest()[:12]
