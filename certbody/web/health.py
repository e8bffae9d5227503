"""Public health: ok or fail, nothing more; details stay in the log."""

import logging
import shutil
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from certbody import clock, facts, triggers
from certbody.files import scanner
from certbody.outbox.queries import is_late
from certbody.pdf.glyphs import missing_glyphs

log = logging.getLogger(__name__)
LATE = timedelta(minutes=10)
AMPLE = 5 * 1024**3  # bytes; a tenth of a large disk is no sign of trouble


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Triggers, storage, disk and fonts are in order, no promise waits too long, a demo asked for is loaded."""
    failed = [name for name, check in _checks().items() if not _passes(name, check)]
    return JsonResponse({"status": "fail" if failed else "ok"}, status=503 if failed else 200)


def _checks() -> dict[str, Callable[[], bool]]:
    return {
        "triggers": lambda: not triggers.missing(connection),
        "storage": _storage_is_writable,
        "disk": _disk_has_room,
        "fonts": lambda: not missing_glyphs("认证證書 Aa"),
        "scanner": scanner.answers,
        "queue": lambda: not is_late(clock.now() - LATE),
        "demo": lambda: not settings.CERTBODY_DEMO or all(facts.ask("demo_is_loaded")),
    }


def _passes(name: str, check: Callable[[], bool]) -> bool:
    try:
        passed = check()
    except Exception:
        log.exception("readiness check %s raised", name)
        return False
    if not passed:
        log.warning("readiness check %s failed", name)
    return passed


def _disk_has_room() -> bool:
    """Red before a disk is full, so that there is time to make room."""
    disks = [shutil.disk_usage(folder) for folder in (settings.CERTBODY_HOME, storages["private"].path(""))]
    return all(
        disk.free * 100 >= disk.total * settings.CERTBODY_FREE_DISK or disk.free >= AMPLE for disk in disks
    )


def _storage_is_writable() -> bool:
    storage = storages["private"]
    name = storage.save("readiness/probe", ContentFile(b"ok"))
    storage.delete(name)
    return True
