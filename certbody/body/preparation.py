"""What must be in place before the web starts: tables, compiled messages, collected static files.

Each part looks first and does nothing when nothing changed, so a warm start costs one Python process.
"""

import hashlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import environ
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from certbody import triggers


@contextmanager
def as_owner() -> Iterator[None]:
    """Be the role of DATABASE_OWNER_URL inside the block; host and database stay those of DATABASE_URL."""
    if settings.DATABASE_OWNER_URL == settings.DATABASE_URL:
        yield
        return
    owner = environ.Env.db_url_config(settings.DATABASE_OWNER_URL)
    everyday = connection.settings_dict
    connection.close()
    connection.settings_dict = everyday | {"USER": owner["USER"], "PASSWORD": owner["PASSWORD"]}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = everyday


def tables_are_current() -> bool:
    """Whether every migration is applied and every trigger stands as declared."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes()) and not triggers.missing(
        connection
    )


def migrate() -> bool:
    if tables_are_current():
        return False
    call_command("migrate", interactive=False, verbosity=0)
    return True


def compile_messages() -> list[Path]:
    """Compile each catalogue of translations that is newer than its compiled form; returns those compiled."""
    stale = []
    for folder in settings.LOCALE_PATHS:
        for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
            compiled = source.with_suffix(".mo")
            if not compiled.exists() or compiled.stat().st_mtime_ns < source.stat().st_mtime_ns:
                fresh = compiled.with_suffix(".mo.new")
                subprocess.run(["msgfmt", "--check-format", "-o", fresh, source], check=True)  # noqa: S603, S607
                fresh.replace(compiled)
                stale.append(source)
    return stale


def _fingerprint_of_static_files() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(None):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_static_files() -> bool:
    """Collect the static files unless the same ones (by name, size and time) were collected before."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    fingerprint = _fingerprint_of_static_files()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(fingerprint)
    return True
