from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "certbody.accounts"
    label = "accounts"
    verbose_name = _("Accounts and roles")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from certbody.accounts import (  # -- models are loaded by now
            checks,
            middleware,
            security_log,
            set_up_mail,
        )

        user_logged_in.connect(middleware.begin_session, dispatch_uid="session begins")
        security_log.connect()
        set_up_mail.register()
        checks.connect()
