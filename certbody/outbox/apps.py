from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "certbody.outbox"
    label = "outbox"
