"""Addresses and a signed-in browser for the tests of pages."""

import uuid
from typing import Any

from django.test import Client

from audits.models import Audit
from certbody.accounts.models import User


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def desk(audit: Audit, part: str = "") -> str:
    return f"/desk/audits/{audit.pk}/{part}"


def portal(audit: Audit) -> str:
    return f"/portal/audits/{audit.pk}/"


def step(obj: Any, name: str) -> str:
    return f"/steps/{obj._meta.model_name}/{obj.pk}/{name}/"


def submission(**data: Any) -> dict[str, Any]:
    return {"submission": str(uuid.uuid4()), **data}
