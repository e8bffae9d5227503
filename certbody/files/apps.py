from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "certbody.files"
    label = "files"

    def ready(self) -> None:
        from certbody.files import (  # -- models are loaded by now
            alarms,  # noqa: F401 -- importing registers the kind of task
            integrity,
        )
        from certbody.trail import verify

        verify.register(integrity.stored_files, order=45)
