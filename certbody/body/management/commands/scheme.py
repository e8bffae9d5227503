import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from certbody.body.scheme_source import known_ids, resolve
from certbody.scheme.description import describe, tree
from certbody.scheme.faults import quoted
from certbody.scheme.model import UnknownSchemeError


class Command(BaseCommand):
    help = "List the schemes, or print one: tree, points, rules, hash, confirmed or draft."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("scheme", nargs="?", metavar="ID")
        parser.add_argument("--json", action="store_true", help="print for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["scheme"] is None:
            self._list(as_json=options["json"])
            return
        try:
            scheme, status = resolve(options["scheme"])
        except UnknownSchemeError:
            self.stderr.write(f"no scheme is called {quoted(options['scheme'])}")
            sys.exit(2)
        if options["json"]:
            self._print(describe(scheme, status))
        else:
            self.stdout.write("\n".join(tree(scheme, status)))

    def _list(self, *, as_json: bool) -> None:
        rows = []
        for scheme_id in known_ids():
            scheme, status = resolve(scheme_id)
            rows.append(
                {
                    "id": scheme.id,
                    "version": scheme.version,
                    "status": status,
                    "hash": scheme.hash,
                    "standard": scheme.standard.code,
                    "titles": scheme.standard.title.by_language(),
                }
            )
        if as_json:
            self._print(rows)
            return
        for row in rows:
            self.stdout.write(
                "  ".join(str(row[key]) for key in ("id", "version", "status", "hash", "standard"))
            )

    def _print(self, value: object) -> None:
        self.stdout.write(json.dumps(value, ensure_ascii=False, indent=2))
