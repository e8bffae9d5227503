from typing import Any

from django.core.management.base import BaseCommand

from certbody.trail.restores import record_restore


class Command(BaseCommand):
    help = (
        "After an older copy of the database was put back: append to the trail which checkpoint it continues and "
        "which events are lost, so that verify_trail can tell a restore from a cut tail."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        event = record_restore()
        if event is None:
            self.stderr.write("Nothing is lost: every checkpoint is in the trail.")
            return
        self.stdout.write(f"Recorded: events {event.data['lost_from']} to {event.data['lost_to']} are lost.")
