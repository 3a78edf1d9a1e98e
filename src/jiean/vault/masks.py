"""What of a field may be seen without opening it; made once, at sealing."""

from __future__ import annotations

from collections.abc import Callable

FIELDS = ("name", "phone", "address", "id_number", "note")
LOOKED_UP = ("phone", "id_number")
"""Fields that answer an exact look-up."""
PHONE_END = "phone_end"
"""What the last four signs of a telephone are digested as."""

NAMED_PLACE = "named_place"
"""What a name together with an address is digested as: neither alone finds anybody."""


def named_place(name: str, address: str) -> str:
    """A name and an address as one value to be found by exactly."""
    return f"{name.strip()}\x1f{address.strip()}"


def mask(fields: dict[str, str]) -> dict[str, str]:
    """The masked form of each field that holds something."""
    return {name: _MASKS[name](value) for name, value in fields.items() if value}


def _name(value: str) -> str:
    """张三 as 张*, 欧阳锋 as 欧**; a name in letters keeps its first one."""
    return value[0] + "*" * min(len(value) - 1, 3) if len(value) > 1 else "*"


def _phone(value: str) -> str:
    """13800001234 as 138****1234; anything shorter keeps its last two."""
    return f"{value[:3]}****{value[-4:]}" if len(value) >= 11 else f"****{value[-2:]}" if len(value) > 4 else "****"


def shown_end(value: str) -> str:
    """The four last signs of a telephone, where its mask shows them; else nothing."""
    masked = _phone(value)
    return masked[-4:] if masked[-4:].isdecimal() else ""


def _id_number(value: str) -> str:
    """Nothing but its length: place and day of birth are in the number itself."""
    return "*" * len(value)


def _address(value: str) -> str:
    """The first six signs: street or village, never the door."""
    return f"{value[:6]}…" if len(value) > 8 else "…"


def _note(value: str) -> str:
    return "…"


_MASKS: dict[str, Callable[[str], str]] = {
    "name": _name,
    "phone": _phone,
    "address": _address,
    "id_number": _id_number,
    "note": _note,
}
