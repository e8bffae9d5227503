import json
import sys
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser

from certbody.body.scheme_source import resolve
from certbody.scheme.faults import Fault, Faults, SheetFaults, path_of
from certbody.scheme.json_text import MAX_BYTES, decoded
from certbody.scheme.score import score
from certbody.scheme.sheet_reader import parse_sheet


class Command(BaseCommand):
    help = "Score a sheet without the web: the result as JSON, or one line per fault and exit 2."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sheet", type=Path, metavar="SHEET.json")
        parser.add_argument("--scheme", metavar="ID", help="the scheme that the sheet must be for")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sheet = parse_sheet(_text_of(options["sheet"]), resolve, options["scheme"])
        except OSError as error:
            self._refuse(f"{path_of(str(options['sheet']))}: {error.strerror}")
        except Faults as error:
            self._refuse(*error.lines)
        self.stdout.write(json.dumps(score(sheet.scheme, sheet).as_dict(), ensure_ascii=False, indent=2))

    def _refuse(self, *lines: str) -> NoReturn:
        for line in lines:
            self.stderr.write(line)
        sys.exit(2)


def _text_of(path: Path) -> str:
    with path.open("rb") as file:
        text = decoded(file.read(MAX_BYTES + 1))
    if isinstance(text, Fault):
        raise SheetFaults([text])
    return text
