"""How people come to act for an organisation that is registered already: invited, or let in on their request."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certbody import clock
from certbody.accounts.models.organisations import MembershipRole, Organisation
from certbody.accounts.models.people import Person


class Invitation(models.Model):
    """An owner asks an address in; the link of its mail works once, until `expires_on` inclusive, for that address.

    Of the link's secret only the SHA-256 is kept; `mails` counts the mails, and each has a secret of its own.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=8, choices=MembershipRole, default=MembershipRole.MEMBER)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    mails = models.PositiveSmallIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_on = models.DateField(_("valid until"))
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                condition=Q(used_at=None, revoked_at=None),
                name="one_open_invitation_an_address",
            ),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(revoked_at=None), name="invitation_is_not_used_and_revoked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.pk}"

    @property
    def has_run_out(self) -> bool:
        return self.expires_on < clock.today()

    @property
    def is_open(self) -> bool:
        """Whether its link still lets somebody in."""
        return self.used_at is None and self.revoked_at is None and not self.has_run_out


class JoinState(models.TextChoices):
    OPEN = "open", _("waits for an answer")
    ACCEPTED = "accepted", _("let in")
    DECLINED = "declined", pgettext_lazy("request to join", "declined")


class JoinRequest(models.Model):
    """A person asks the owners of a registered organisation to be let in; until then it learns nothing about it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="join_requests")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="join_requests")
    state = models.CharField(_("state"), max_length=8, choices=JoinState, default=JoinState.OPEN)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("request to join")
        verbose_name_plural = _("requests to join")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "person"],
                condition=Q(state="open"),
                name="one_open_request_to_join",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.pk}"
