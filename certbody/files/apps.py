from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "certbody.files"
    label = "files"
