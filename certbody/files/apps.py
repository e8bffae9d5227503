from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "certbody.files"
    label = "files"

    def ready(self) -> None:
        from certbody.files import integrity  # -- models are loaded by now
        from certbody.trail import verify

        verify.register(integrity.stored_files, order=45)
