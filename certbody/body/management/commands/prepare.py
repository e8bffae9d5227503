import gc
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from certbody import facts
from certbody.accounts.models import User
from certbody.body import preparation


class Command(BaseCommand):
    help = (
        "Brings the body up to date before the web starts, in one process: tables, translations, static "
        "files and, with CERTBODY_DEMO=1, the demo body. Prints a line per demo account; what was done goes "
        "to stderr."
    )
    requires_system_checks = []  # run by the commands called below, where they are needed

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--only-files",
            action="store_true",
            help="only translations and static files (an image is built so)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # Makes much and ends soon: with Python's defaults an eighth of the time goes to looking for garbage.
        gc.set_threshold(50_000, 20, 20)
        if compiled := preparation.compile_messages():
            self._say(f"Compiled {len(compiled)} catalogues of translations.")
        if preparation.collect_static_files():
            self._say("Collected the static files.")
        if options["only_files"]:
            return
        if preparation.migrate():
            self._say("Brought the tables up to date.")
        self._refuse_a_public_demo()
        if settings.CERTBODY_DEMO:
            self._load_the_demo_once()

    def _refuse_a_public_demo(self) -> None:
        """Demo accounts have a known password and no second factor, whatever CERTBODY_DEMO says today."""
        host = settings.BIND.rpartition(":")[0]
        if host not in settings.LOOPBACK and _has_demo_accounts():
            raise CommandError(
                f"This body holds demo accounts, so it may only listen on loopback, not on {settings.BIND}. "
                "A real body starts in an empty CERTBODY_HOME."
            )

    def _load_the_demo_once(self) -> None:
        is_loaded = any(facts.ask("demo_is_loaded"))
        if not is_loaded and _has_demo_accounts():
            raise CommandError(
                "An earlier start was stopped while it loaded the demo body, which is made as a whole or not at "
                f"all. Remove {settings.CERTBODY_HOME}, which holds nothing else, and start again."
            )
        if not is_loaded:
            self._say("Loading the demo body; this happens once.")
        call_command("demo", accounts=is_loaded, stdout=self.stdout)

    def _say(self, text: str) -> None:
        self.stderr.write(text, self.style.SUCCESS)


def _has_demo_accounts() -> bool:
    return User.objects.filter(is_demo=True).exists()
