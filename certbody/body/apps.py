from django.apps import AppConfig


class BodyConfig(AppConfig):
    name = "certbody.body"
    label = "body"

    def ready(self) -> None:
        from certbody.body import handovers  # -- models are loaded by now

        handovers.register()
