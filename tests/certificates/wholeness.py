"""What must hold for every certificate at every moment, whatever failed: issued as a whole or not at all."""

from certbody.files.storage import read
from certbody.outbox.models import Message
from certbody.trail.models import Event
from certificates.models import Certificate, Decision


def nothing_is_half_issued(decision: Decision) -> None:
    for certificate in Certificate.objects.filter(decision=decision):
        edition = certificate.editions.get()
        if certificate.state == "void":
            continue
        if certificate.state == "reserved":
            assert edition.state == "reserved"
            assert not certificate.status_changes.exists()
            continue
        assert (certificate.state, edition.state) == ("valid", "current")
        for document in edition.documents.select_related("file"):
            assert read(document.file)
        assert edition.documents.count() == 2
        issued = Event.objects.get(name="certificate.issued", object_id=str(certificate.pk))
        assert Message.objects.filter(kind="certificate.issued", object_id=str(issued.pk)).count() == 1
        assert certificate.cycle_dates.count() == 2


def numbers_have_no_gap() -> None:
    numbers = sorted(Certificate.objects.values_list("number", flat=True))
    places = [number[6:-2] for number in numbers]
    assert places == [f"{place:05}" for place in range(1, len(numbers) + 1)], numbers
