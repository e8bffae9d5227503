from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "certbody.files"
    label = "files"

    def ready(self) -> None:
        from certbody.files import alarms, integrity  # -- models are loaded by now
        from certbody.trail import verify

        alarms.register()
        verify.register(integrity.stored_files, order=45)
