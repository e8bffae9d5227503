"""Words of applications and contracts for templates: `{% load applications %}`."""

from typing import Any

from django import template

from applications import states
from applications.catalogue.sections import Section, section_url
from applications.models import Application, Contract, QuoteLine
from applications.queries import amendments, arithmetic
from certbody.body.settings_catalogue import settings_of

register = template.Library()


@register.filter
def client_state(obj: Application | Contract) -> str:
    """The word for the state of an application or contract in the client's pages."""
    if isinstance(obj, Application):
        return str(states.client_label(obj.state))
    return str(states.contract_client_label(obj.state))


@register.filter
def state_tone(obj: Application | Contract) -> str:
    return states.tone(obj.state)


@register.filter
def section_label(key: str) -> str:
    return str(Section(key).label)


@register.simple_tag
def url_of_section(application: Application, key: str) -> str:
    return section_url(application, key)


@register.filter
def line_label(key: str) -> str:
    return arithmetic.line_label(key)


@register.filter
def arithmetic_of(line: QuoteLine) -> list[str]:
    """How the quantity of a line came about, one sentence a step."""
    return arithmetic.sentences_of(line)


@register.filter
def changes_of(contract: Contract) -> list[amendments.Change]:
    """What an amendment changes against the contract before it."""
    return amendments.changes_of(contract)


@register.filter
def days_figure(days: object) -> str:
    """Person-days without needless zeros."""
    return arithmetic.figures(str(days))


@register.simple_tag
def appeal_office() -> dict[str, Any]:
    """Where an appeal goes, as the body publishes it."""
    return settings_of(["body_name", "body_email", "body_phone"])
