"""The scoring table that cases are scored by, for tests that are not about how it is confirmed."""

from certbody import clock
from certbody.body.models import ScoringTable
from certbody.body.queries import confirmed_table
from certbody.body.states import ScoringTableState
from certbody.scheme.load import shipped
from tests.road.people import make_person

SCHEME = "gbt27922-2011"


def confirm_table() -> ScoringTable:
    """The shipped table as two persons confirmed it."""
    table = confirmed_table(SCHEME)
    if table is not None:
        return table
    scheme, now = shipped(SCHEME), clock.now()
    head, quality = make_person(), make_person()
    return ScoringTable.objects.create(
        scheme=scheme.id,
        version=scheme.version,
        content=scheme.canonical,
        content_hash=scheme.hash,
        state=ScoringTableState.CONFIRMED,
        created_by=head,
        head_confirmed_by=head,
        head_confirmed_at=now,
        quality_confirmed_by=quality,
        quality_confirmed_at=now,
        confirmed_at=now,
    )
