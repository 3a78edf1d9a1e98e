"""``uv run python -m tests.trust``: print the matrix as the code has it."""

from __future__ import annotations

import os
from importlib import import_module

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiean.config.settings")
django.setup()
print(import_module("tests.trust.routes").written(), end="")
