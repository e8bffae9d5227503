from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "certbody.files"
    label = "files"

    def ready(self) -> None:
        from certbody.files import alarms, integrity, previews  # -- models are loaded by now
        from certbody.trail import verify

        alarms.register()
        previews.register()
        verify.register(integrity.stored_files, order=45)
