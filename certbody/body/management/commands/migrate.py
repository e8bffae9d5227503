from typing import Any

from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand

from certbody.body.preparation import as_owner


class Command(MigrateCommand):
    """Django's migrate, run as the owner of the tables (DATABASE_OWNER_URL); makes the cache's table too."""

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner():
            if not (options["plan"] or options["check_unapplied"]):
                call_command("createcachetable", verbosity=0)
            super().handle(*args, **options)
