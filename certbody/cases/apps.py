from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "certbody.cases"
    label = "cases"
