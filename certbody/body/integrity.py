from collections.abc import Iterator
from hashlib import sha256

from certbody.body.models import ScoringTable


def scoring_tables() -> Iterator[str]:
    """Name every scoring table whose content is not the one that its fingerprint names."""
    for table in ScoringTable.objects.order_by("pk").iterator(chunk_size=10):
        if sha256(table.content.encode()).hexdigest() != table.content_hash:
            yield f"body_scoringtable {table.pk}: version {table.version} was changed"
