from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from certbody import clock


class IdempotencyKey(models.Model):
    """One submission of one form by one user; the second arrival gets the first one's answer.

    `content` is the hash of what was sent: other content under the same key is no second arrival.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    key = models.UUIDField()
    location = models.CharField(max_length=300)
    content = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("form submission")
        verbose_name_plural = _("form submissions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="one_effect_per_submission")
        ]

    def __str__(self) -> str:
        return str(self.key)
