"""Words of the scheme and of marks in the reader's language."""

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from audits.models import Mark, MarkKind, OperationKind, ScoreOperation
from audits.scoring import mark_columns
from certbody.scheme.model import Words

register = template.Library()


@register.filter
def words(text: Words) -> str:
    """A text of the scheme in the language of the page."""
    return text.in_language(get_language() or "en")


@register.filter
def mark_words(mark: Mark | None) -> str:
    """What a mark says: met, not met, the counts of a sample, left out."""
    if mark is None:
        return _("not marked yet")
    match mark.kind:
        case MarkKind.SAMPLED:
            counts = {"sampled": mark.sampled, "failed": mark.failed}
            return _("%(failed)s of %(sampled)s do not conform") % counts
        case MarkKind.EXCLUDED:
            return _("left out")
        case MarkKind.EMPTY:
            return _("nothing to sample, met") if mark.is_met else _("nothing to sample, not met")
    return _("met") if mark.is_met else _("not met")


@register.filter
def operation_words(operation: ScoreOperation) -> str:
    """What an operation of the history did."""
    if operation.kind != OperationKind.MARK:
        return str(operation.get_kind_display())
    return mark_words(Mark(**mark_columns(operation.value, operation.note)))
