from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from certbody.accounts import services


class Command(BaseCommand):
    help = (
        "Opens the account of the first administrator of an empty body and prints a link, valid once and for an hour, "
        "with which its owner sets a password. Refused as soon as the body has an administrator."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
        except ValidationError:
            raise CommandError(f"{options['email']} is not an e-mail address.") from None
        try:
            link = services.first_administrator(email=options["email"])
        except services.AdministratorExistsError:
            raise CommandError(
                "This body has an administrator, who opens further accounts at /admin/."
            ) from None
        except services.HoldsAnotherOfficeError:
            raise CommandError(
                f"The owner of {options['email']} holds another office of this body; an administrator holds no other."
            ) from None
        self.stdout.write(link)
