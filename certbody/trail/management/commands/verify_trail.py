import sys
from typing import Any

from django.core.management.base import BaseCommand

from certbody.trail.checkpoints import write_checkpoint
from certbody.trail.verify import faults, notices


class Command(BaseCommand):
    help = (
        "Re-derive the hash chain, marks, grades, files, certificates and triggers; print every fault, one a line. "
        "Without a fault a signed checkpoint is written; recorded restores are printed as notices."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for line in faults():
            found += 1
            self.stdout.write(line)
        for line in notices():
            self.stderr.write(f"Notice: {line}")
        if found:
            sys.exit(1)
        write_checkpoint()
        self.stderr.write("No fault found.", self.style.SUCCESS)
