"""Where a field of a TOML file stands, so that a fault can be named by its line."""

import re


def line_of(text: str, key: str, table: str = "") -> int:
    """The line where a field, or a table's head, stands; 0 where it is written in a way not looked for."""
    inside = not table
    for number, line in enumerate(text.splitlines(), start=1):
        if table and re.match(r"\s*\[", line):
            inside = bool(re.match(rf"\s*\[\s*{re.escape(table)}\s*\]", line))
        if inside and re.match(rf"\s*\[?\s*{re.escape(key)}\s*(\]|=|\.)", line):
            return number
    return 0
