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
        from allauth.mfa import signals as factors  # noqa: PLC0415 - models are loaded only now
        from django.contrib.auth import signals as auth  # noqa: PLC0415 - models are loaded only now

        from jiean.kernel.live import register_session_source  # noqa: PLC0415 - models are loaded only now
        from jiean.people import clocks, sittings  # noqa: F401, PLC0415 - clocks register themselves
        from jiean.people.sessions import actors_of  # noqa: PLC0415

        register_session_source(actors_of)
        for signal, heard in (
            (auth.user_logged_in, sittings.signed_in),
            (auth.user_login_failed, sittings.sign_in_failed),
            (auth.user_logged_out, sittings.signed_out),
            (password_changed, sittings.password_changed),
            (factors.authenticator_added, sittings.factor_changed),
            (factors.authenticator_removed, sittings.factor_changed),
            (factors.authenticator_reset, sittings.factor_changed),
            (factors.authentication_failed, sittings.factor_failed),
        ):
            signal.connect(heard, dispatch_uid=f"people.{heard.__name__}")
