"""Self-assessments: scored by the engine that scores audits, kept for the organisation, read by nobody else."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.models import SelfAssessment
from certbody.accounts.models import Organisation, User
from certbody.body.queries import confirmed_scheme
from certbody.body.settings_catalogue import SCHEME_OF_THE_DEFAULTS
from certbody.scheme.load import shipped
from certbody.scheme.model import Scheme
from certbody.scheme.score import score
from certbody.scheme.sheet import Sheet
from certbody.workflow import NotAllowed

MOST_KEPT = 20  # of one organisation: enough to see how one gets better


def table_of_today() -> Scheme:
    """The table by which new cases are scored: the body's confirmed one, before there is one the shipped."""
    confirmed = confirmed_scheme(SCHEME_OF_THE_DEFAULTS)
    return confirmed[0] if confirmed else shipped(SCHEME_OF_THE_DEFAULTS)


def visible_to(user: User) -> QuerySet[SelfAssessment]:
    """Those of a client's own organisations; whoever works for the body sees none, not even of a client of his."""
    if user.is_staff_member:
        return SelfAssessment.objects.none()
    return SelfAssessment.objects.filter(organisation__in=user.organisations.values("pk")).select_related(
        "organisation", "made_by__person"
    )


def keep(*, actor: User, organisation: Organisation, sheet: Sheet) -> SelfAssessment:
    """Keep the result of a whole sheet for an organisation of the actor, in the caller's transaction.

    Raises NotAllowed.
    """
    if actor.is_staff_member or not actor.organisations.filter(pk=organisation.pk).exists():
        raise NotAllowed(_("A self-assessment is kept by a member of the organisation."))
    Organisation.objects.select_for_update(no_key=True).get(
        pk=organisation.pk
    )  # of two at once the second counts
    if SelfAssessment.objects.filter(organisation=organisation).count() >= MOST_KEPT:
        raise NotAllowed(
            _("%(most)d self-assessments of this organisation are kept already. Delete one first.")
            % {"most": MOST_KEPT}
        )
    result = score(sheet.scheme, sheet)
    return SelfAssessment.objects.create(
        organisation=organisation,
        scheme=sheet.scheme.id,
        scheme_version=sheet.scheme.version,
        scheme_hash=sheet.scheme.hash,
        goods=str(sheet.goods),
        result=result.as_dict(),
        made_by=actor,
    )
