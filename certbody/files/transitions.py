"""The steps of a file in which malicious software was found after it was taken."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.desk.services import Audience, TaskFor
from certbody.files import quarantine, queries
from certbody.files.models import Quarantine
from certbody.files.states import QuarantineState as Q
from certbody.permissions import has_role, system_only
from certbody.workflow import Notice, Step, Table, register


def page(closed: Quarantine, _user: User | None) -> str:
    """Where the file would be opened stands why it is not."""
    return closed.file.get_absolute_url()


def visible_to(user: User) -> QuerySet[Quarantine]:
    return Quarantine.objects.filter(file__in=queries.visible_to(user).values("pk")).select_related(
        "file", "case"
    )


TO_LOOK_AT = TaskFor(
    kind="files.quarantined",
    label=_("Malicious software was found in a stored file: see that it is replaced, or release it"),
    to=lambda _closed: [Audience(role=Role.QUALITY)],
    path=lambda closed: page(closed, None),
)

HOLD = Step(
    name="hold",
    event="file.quarantined",
    sources=(),
    target=Q.HELD,
    label=_("Close the file"),
    recorded=_("A stored file was closed because malicious software was found in it"),
    allowed=system_only,
    surface="system",
    effect=quarantine.hold,
    notify=(Notice("file.quarantined", quarantine.told_of),),
    opens=(TO_LOOK_AT,),
)
KEEP = Step(
    name="keep",
    event="file.kept_closed",
    sources=(Q.HELD,),
    target=Q.KEPT,
    label=_("Keep it closed for good"),
    hint=_("Nobody opens it any more; your task ends. It can still be released if it was a false alarm."),
    recorded=_("An infected file stays closed for good"),
    allowed=has_role(Role.QUALITY),
    effect=quarantine.keep,
    closes=(TO_LOOK_AT.kind,),
)
RELEASE = Step(
    name="release",
    event="file.released",
    sources=(Q.HELD, Q.KEPT),
    target=Q.RELEASED,
    label=_("Release it: it was a false alarm"),
    hint=_("Everybody who could open the file before can open it again."),
    tone="danger",
    recorded=_("A file was released from quarantine: it was a false alarm"),
    allowed=has_role(Role.QUALITY),
    guard=quarantine.is_clean_by_now,
    effect=quarantine.release,
    closes=(TO_LOOK_AT.kind,),
)

QUARANTINE = register(
    Table(
        aggregate="quarantine",
        title=_("File in quarantine"),
        model=Quarantine,
        states=Q,
        steps=(HOLD, KEEP, RELEASE),
        visible_to=visible_to,
        page=page,
    )
)
