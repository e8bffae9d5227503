import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from certbody.outbox.sweeper import sweep


class Command(BaseCommand):
    help = "Deliver waiting promises (mail, PDF) once."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(asdict(sweep())))
