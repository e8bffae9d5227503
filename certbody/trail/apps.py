from django.apps import AppConfig


class TrailConfig(AppConfig):
    name = "certbody.trail"
    label = "trail"

    def ready(self) -> None:
        from certbody.trail import rows, verify  # -- models are loaded by now

        verify.register(verify.chain, order=0)
        verify.register(rows.states, order=10)
        verify.register(verify.trigger_catalogue, order=90)
