from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "certbody.files"
    label = "files"

    def ready(self) -> None:
        from certbody.files import (  # -- models are loaded by now
            alarms,
            integrity,
            previews,
            rescans,
            transitions,
        )
        from certbody.files.forms import ReleaseForm
        from certbody.trail import verify
        from certbody.web.steps import register_form

        alarms.register()
        previews.register()
        rescans.register()
        register_form(transitions.RELEASE.event, ReleaseForm)
        verify.register(integrity.stored_files, order=45)
