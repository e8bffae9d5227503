from collections.abc import Iterator
from hashlib import sha256

from certbody.body.models import BodySetting, ScoringTable
from certbody.body.services import fingerprint_of
from certbody.trail.models import Event


def scoring_tables() -> Iterator[str]:
    """Name every scoring table whose content is not the one that its fingerprint names."""
    for table in ScoringTable.objects.order_by("pk").iterator(chunk_size=10):
        if sha256(table.content.encode()).hexdigest() != table.content_hash:
            yield f"body_scoringtable {table.pk}: version {table.version} was changed"


def settings_of_the_body() -> Iterator[str]:
    """Name every setting whose value is not the one that the trail recorded when it was set."""
    recorded = Event.objects.filter(name="setting.changed").order_by("sequence")
    known = dict(recorded.values_list("object_id", "data__after_sha256"))
    for row in BodySetting.objects.order_by("pk").iterator(chunk_size=200):
        fingerprint = fingerprint_of(row.value)
        if (known.get(str(row.pk)) or fingerprint) != fingerprint:
            yield f"body_bodysetting {row.pk}: {row.key} was changed"
