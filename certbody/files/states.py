from django.db import models
from django.utils.translation import gettext_lazy as _


class QuarantineState(models.TextChoices):
    """A file is `held` until the quality manager has looked at it, then `kept` closed for good or `released`."""

    HELD = "held", _("in quarantine")
    KEPT = "kept", _("closed for good")
    RELEASED = "released", _("released from quarantine")


CLOSED = (QuarantineState.HELD, QuarantineState.KEPT)
