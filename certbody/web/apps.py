from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class WebConfig(AppConfig):
    name = "certbody.web"
    label = "web"

    def ready(self) -> None:
        from certbody import triggers  # -- models are loaded by now
        from certbody.web.menus import register_public_entries

        pre_migrate.connect(triggers.drop_before_migration, sender=self, dispatch_uid="drop triggers")
        post_migrate.connect(triggers.create_after_migration, sender=self, dispatch_uid="make triggers")
        register_public_entries()
