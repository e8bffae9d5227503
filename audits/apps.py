from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditsConfig(AppConfig):
    name = "audits"
    verbose_name = _("audits")

    def ready(self) -> None:
        from audits import handovers  # -- models are loaded by now

        handovers.register()
