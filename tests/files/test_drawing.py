"""A document that a job draws: file and record come together or not at all."""

import pytest

from certbody.files import drawing
from certbody.files.drawing import draw_document
from certbody.files.models import StoredFile
from certbody.outbox.services import promise_job
from certbody.workflow import WrongState
from tests.road.applications import begun_application
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


def draw(record) -> str:
    case = begun_application(make_user()).case
    return draw_document(
        promise_job(kind="tests.drawing", obj=case, case=case),
        template="any.html",
        context={},
        name="2027-1.pdf",
        kind="contract",
        case=case,
        record=record,
    )


@pytest.fixture(autouse=True)
def drawn(monkeypatch):
    monkeypatch.setattr(drawing, "render_pdf", lambda *_template, **_context: b"%PDF-1.7 drawn")


def test_the_document_is_filed_for_the_client_and_recorded():
    recorded = []
    address = draw(recorded.append)
    (stored,) = recorded
    assert (stored.name, stored.audience, stored.get_absolute_url()) == ("2027-1.pdf", "client", address)


def test_a_record_that_is_refused_leaves_no_document_behind():
    def refuse(_stored):
        raise WrongState("void meanwhile")

    with pytest.raises(WrongState):
        draw(refuse)
    assert not StoredFile.objects.filter(kind="contract").exists()
