import sys
from typing import Any

from django.core.management.base import BaseCommand

from certbody.trail.verify import faults


class Command(BaseCommand):
    help = "Re-derive the hash chain, marks, grades, files, certificates and triggers; print every fault, one a line."

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for line in faults():
            found += 1
            self.stdout.write(line)
        if found:
            sys.exit(1)
        self.stderr.write("No fault found.", self.style.SUCCESS)
