"""Django's own commands, for migrations and tools: ``python -m jiean.config.manage migrate``."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run a Django command with the station's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiean.config.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
