from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from certificates.demo.loading import BodyIsTakenError, load
from certificates.demo.people import CLIENTS, STAFF


class Command(BaseCommand):
    help = "Load the demo body: fictional cases in every state, made through the steps."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", action="store_true", help="only print one line per demo account")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.CERTBODY_DEMO:
            raise CommandError("The demo body is loaded only with CERTBODY_DEMO=1.")
        if not options["accounts"]:
            self._load()
        for entry in (*CLIENTS, *STAFF):
            self.stdout.write(f"{entry.email:<28} {settings.CERTBODY_DEMO_PASSWORD}  {entry.description}")

    def _load(self) -> None:
        try:
            if not load():
                self.stderr.write("The demo body is loaded already.")
        except BodyIsTakenError as fault:
            raise CommandError(
                f"{settings.CERTBODY_HOME} holds another body, or a demo whose loading was interrupted. "
                "Point CERTBODY_HOME at a new folder, or remove this one if nothing in it is needed."
            ) from fault
