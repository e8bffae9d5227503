from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ScoringTableState(models.TextChoices):
    """Only a confirmed table grades a case; a retired one keeps grading the cases that pinned it."""

    DRAFT = "draft", pgettext_lazy("scoring table", "draft")
    CONFIRMED = "confirmed", _("confirmed")
    RETIRED = "retired", _("retired")
