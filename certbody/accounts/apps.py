from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "certbody.accounts"
    label = "accounts"
    verbose_name = _("Accounts and roles")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allauth.account.signals import authentication_step_completed  # -- models are loaded by now
        from allauth.mfa.signals import authentication_failed
        from django.contrib.auth.signals import user_logged_in

        from certbody.accounts import axes, checks, security_log, sessions, set_up_mail

        user_logged_in.connect(sessions.begin_session, dispatch_uid="session begins")
        authentication_step_completed.connect(sessions.change_key, dispatch_uid="session gets another key")
        authentication_failed.connect(axes.code_failed, dispatch_uid="wrong code counts")
        security_log.connect()
        set_up_mail.register()
        checks.connect()
