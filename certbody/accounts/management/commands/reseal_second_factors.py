from typing import Any

from django.core.management.base import BaseCommand

from certbody.accounts.sealing import reseal_second_factors


class Command(BaseCommand):
    help = "Writes every second factor anew under the present SECRET_KEY, so that SECRET_KEY_FALLBACKS can be dropped."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{reseal_second_factors()} second factors resealed")
