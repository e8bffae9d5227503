from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from certbody import clock
from certbody.accounts import stale


class Command(BaseCommand):
    help = (
        "Disables the accounts of the body without a sign-in for 90 days and lists them, one a line: e-mail address, "
        "name, day of the last sign-in. The scheduler does the same once a day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only list them")

    def handle(self, *args: Any, **options: Any) -> None:
        found = stale.stale_accounts() if options["dry_run"] else stale.disable_stale_accounts()
        for user in found:
            day = user.last_login.astimezone(clock.BODY_ZONE).date() if user.last_login else "never"
            self.stdout.write(f"{user.email}\t{user.person.name}\t{day}")
