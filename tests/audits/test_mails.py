"""Mails of an audit: each is written in the reader's language and leads to the right page."""

import pytest
from django.core import mail

from audits.transitions import FINDING
from certbody.outbox.models import Message
from certbody.outbox.sweeper import sweep
from certbody.workflow import perform
from tests.road.audits import (
    Road,
    return_answer,
    return_report,
    scored_audit,
    signed_off_report,
    stage1_audit,
    verify_answer,
)

pytestmark = pytest.mark.django_db


def _body_of(kind: str) -> str:
    """Deliver everything and return the mail of one kind."""
    message = Message.objects.filter(kind=kind).latest("pk")
    sweep()
    sent = next(one for one in mail.outbox if one.extra_headers["Message-ID"] == message.message_id)
    assert sent.to == [message.recipient]
    assert sent.subject.strip()
    return str(sent.body)


def _answered() -> Road:
    road = scored_audit(specials=1)
    answer = {"cause": "a", "correction": "b", "corrective_action": "c"}
    perform(FINDING.step("answer"), road.findings[0], actor=road.client, **answer)
    return road


def test_the_client_is_led_to_the_plan_and_to_the_conclusion() -> None:
    road = stage1_audit()
    portal = f"/portal/audits/{road.audit.pk}/"
    assert portal in _body_of("audit.proposed")
    road.take("conclude_not_ready", road.lead, note="缺手册")
    assert portal in _body_of("audit.stage1_not_ready")


def test_each_turn_of_a_finding_is_told() -> None:
    road = _answered()
    finding = road.findings[0]
    portal = f"/portal/audits/{road.audit.pk}/#finding-{finding.pk}"
    assert portal in _body_of("finding.raised")
    assert f"/desk/audits/{road.audit.pk}/findings/" in _body_of("finding.answered")
    return_answer(finding, road.lead)
    assert portal in _body_of("finding.returned")
    answer = {"cause": "a", "correction": "b", "corrective_action": "c"}
    perform(FINDING.step("answer"), finding, actor=road.client, **answer)
    verify_answer(finding, road.lead)
    assert portal in _body_of("finding.verified")


def test_the_lead_auditor_is_told_of_a_returned_report() -> None:
    road = signed_off_report()
    return_report(road)
    assert f"/desk/audits/{road.audit.pk}/report/" in _body_of("report.returned")
