"""`verify_trail` names what was changed past the product (quality.md, items 48 and 53)."""

import pytest
from django.db import connection

from audits import scoring
from audits.models import Audit, Mark
from certbody import triggers
from certbody.body.preparation import as_owner
from certbody.scheme.marks import Met
from certbody.trail import verify
from tests.road.audits import mark_everything, open_sheet_audit, scored_audit

pytestmark = pytest.mark.django_db


def _faults() -> list[str]:
    return [line for line in verify.faults() if line.startswith("audits_")]


def test_an_untouched_audit_has_no_fault() -> None:
    scored_audit({"5.1.1.1": Met(False)}, specials=1, bonus=True)
    assert _faults() == []


def test_a_changed_mark_is_named_by_row_and_clause() -> None:
    road = scored_audit()
    row = Mark.objects.get(audit=road.audit, clause="5.1.1.1")
    Mark.objects.filter(pk=row.pk).update(is_met=False)
    assert (
        _faults()[0]
        == f"audits_mark {row.pk}: audit {road.audit.pk} clause 5.1.1.1 does not follow from its operations"
    )


def test_a_missing_mark_is_named() -> None:
    road = open_sheet_audit()
    mark_everything(road)
    Mark.objects.filter(clause="5.1.1.1").delete()
    assert _faults() == [f"audits_mark: audit {road.audit.pk} clause 5.1.1.1 is missing"]
    scoring.rebuild(road.audit)
    assert _faults() == []


def test_a_changed_grade_is_named() -> None:
    road = scored_audit({"5.1.1.1": Met(False), "5.1.2.2": Met(False)})
    Audit.objects.filter(pk=road.audit.pk).update(grade="star5")
    assert _faults() == [f"audits_audit {road.audit.pk}: grade or result does not follow from the marks"]


@pytest.mark.django_db(transaction=True)
def test_a_changed_operation_is_named() -> None:
    """What somebody with the owner's rights can do: take the triggers away and change a row."""
    road = scored_audit()
    with as_owner():
        triggers.drop_all(connection)
        road.audit.operations.filter(sequence=1).update(note="changed")
        triggers.create_all(connection)
    assert any("operations were changed" in line for line in _faults())
