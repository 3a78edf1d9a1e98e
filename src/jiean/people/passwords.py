"""What no password may be: a common one dressed up, or one that holds a word of the place. The words stand in docs/security.md."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WORDS_OF_THE_PLACE = (
    "jiean", "皆安", "police", "jingcha", "警察", "minjing", "民警", "paichusuo", "派出所", "gongan", "公安", "wangge", "网格",
    "fengqiao", "枫桥", "dispatch", "commander", "administrator", "station",
)  # fmt: skip
"""The program, the trade and its roles; the station's own name is added when a password is judged."""
_READ_AS = str.maketrans("013457@$!", "oieastasi")
_DRESS = re.compile(r"^[\d\W_]+|[\d\W_]+$")


class NoWordOfThePlace:
    """Refuses a password that holds a word anybody at the door could guess."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        said = password.casefold()
        if any(word.casefold() in said for word in (*WORDS_OF_THE_PLACE, settings.STATION_NAME) if word):
            raise ValidationError(_("密码里不能有单位、系统或岗位的名称。"), code="word_of_the_place")

    def get_help_text(self) -> str:
        """For the form."""
        return _("密码里不能有单位、系统或岗位的名称。")


class NotCommonDressedUp(CommonPasswordValidator):
    """Django's 20,000 commonest passwords, also with signs and digits around them or letters written as digits."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        said = password.lower().strip()
        bare = _DRESS.sub("", said)
        forms = {
            said,
            bare,
            said.translate(_READ_AS),
            _DRESS.sub("", said.translate(_READ_AS)),
            bare.translate(_READ_AS),
        }
        half = len(said) // 2
        if said[:half] == said[half:]:
            forms.add(said[:half])
        if any(one in self.passwords for one in forms if len(one) > 3):
            super().validate(next(iter(self.passwords)), user)


class NotTheOneItIs:
    """Refuses the password one has: a change changes something, most of all one the office gave."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        if user is not None and user.pk and user.check_password(password):
            raise ValidationError(_("新密码不能和现在的一样。"), code="the_one_it_is")

    def get_help_text(self) -> str:
        """For the form."""
        return _("新密码不能和现在的一样。")
