from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.roles import Role


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


class SavedFilter(models.Model):
    """A view of a list that somebody keeps under a name, for himself or for all who hold a role.

    `query` is what the address of the list says of it, composed of the list's own filters. It narrows what a reader may
    see anyway: whoever opens a shared one gets the rows of his own.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    list_key = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=2_000)
    shared_with = models.CharField(_("shared with"), max_length=24, choices=Role, blank=True)
    is_pinned = models.BooleanField(_("stands in the menu with its number of rows"), default=False)
    is_default = models.BooleanField(_("is how the list opens"), default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "list_key", "name"], name="one_saved_filter_a_name"),
            models.UniqueConstraint(
                fields=["user", "list_key"],
                condition=models.Q(is_default=True),
                name="one_default_filter_a_list",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["list_key", "shared_with"],
                condition=~models.Q(shared_with=""),
                name="shared_filter_of_a_list",
            ),
            models.Index(fields=["user"], condition=models.Q(is_pinned=True), name="pinned_filter_of_a_user"),
        ]

    def __str__(self) -> str:
        return self.name
