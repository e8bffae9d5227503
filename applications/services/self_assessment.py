"""Self-assessments: scored by the engine that scores audits, kept for the organisation, read by nobody else."""

from django.utils.translation import gettext_lazy as _

from applications.models import SelfAssessment
from applications.queries.self_assessment import organisations_to_keep_for, visible_to
from certbody.accounts.models import Organisation, User
from certbody.scheme.score import score
from certbody.scheme.sheet import Sheet
from certbody.workflow import NotAllowed

MOST_KEPT = 20  # of one organisation: enough to see how one gets better


def keep(*, actor: User, organisation: Organisation, sheet: Sheet) -> SelfAssessment:
    """Keep the result of a whole sheet for an organisation of the actor, in the caller's transaction.

    Raises NotAllowed.
    """
    if not organisations_to_keep_for(actor).filter(pk=organisation.pk).exists():
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


def delete(*, actor: User, kept: SelfAssessment) -> None:
    """Delete one for good; it binds nobody, so nothing is kept of it. Raises NotAllowed."""
    if not visible_to(actor).filter(pk=kept.pk).exists():
        raise NotAllowed(_("A self-assessment is deleted by a member of the organisation."))
    kept.delete()
