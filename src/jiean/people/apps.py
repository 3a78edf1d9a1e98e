"""The room's entry in Django's list of apps."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "jiean.people"
    label = "people"
    verbose_name = _("人员")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allauth.account.signals import password_changed  # noqa: PLC0415 - models are loaded only now
        from django.contrib.auth.signals import user_logged_in  # noqa: PLC0415 - models are loaded only now

        from jiean.kernel.live import register_session_source  # noqa: PLC0415 - models are loaded only now
        from jiean.people import clocks  # noqa: F401, PLC0415 - clocks register themselves
        from jiean.people.sessions import actors_of  # noqa: PLC0415
        from jiean.people.sittings import password_changed as end_others  # noqa: PLC0415
        from jiean.people.sittings import signed_in  # noqa: PLC0415

        register_session_source(actors_of)
        user_logged_in.connect(signed_in, dispatch_uid="people.signed_in")
        password_changed.connect(end_others, dispatch_uid="people.password_changed")
