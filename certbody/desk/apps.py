from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "certbody.desk"
    label = "desk"

    def ready(self) -> None:
        from certbody.desk import navigation  # -- models are loaded by now

        navigation.register()
