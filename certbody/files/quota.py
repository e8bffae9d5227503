"""How much an organisation may hand in: so that nobody fills the disk on which everybody's evidence lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import Organisation, User
from certbody.body.settings_catalogue import settings_of
from certbody.files.models import Audience, StoredFile
from certbody.workflow import NotReady

PERIOD = timedelta(days=365)
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Uploader:
    """Who hands files in, and for which organisation."""

    user: User
    organisation: Organisation | None

    @property
    def party(self) -> str:
        """The name under which the checking child counts this person's requests."""
        return f"user {self.user.pk}"


class OverQuota(NotReady):
    """The organisation has handed in as much as the body takes within twelve months."""


def check_quota(uploader: Uploader, sizes: Sequence[int]) -> None:
    """Raise OverQuota when files of these sizes, in bytes, are more than a client may add today.

    Counted are the client's own uploads of the last 365 days: those of the organisation by anybody, and those of
    this person for any other. People of the body have no quota.
    """
    if uploader.user.is_staff_member:
        return
    limits = settings_of(["client_files_most", "client_megabytes_most"])
    own = Q(uploaded_by=uploader.user)
    if uploader.organisation is not None:
        own |= Q(organisation=uploader.organisation, audience=Audience.CLIENT, uploaded_by__isnull=False)
    held = StoredFile.objects.filter(own, uploaded_at__gt=clock.now() - PERIOD).aggregate(
        files=Count("pk"), bytes=Sum("size", default=0)
    )
    most_files, most_megabytes = limits["client_files_most"], limits["client_megabytes_most"]
    if held["files"] + len(sizes) > most_files:
        raise OverQuota(
            _(
                "%(held)s files were uploaded within twelve months and at most %(most)s are possible: please join "
                "several papers in one PDF, or ask the certification body."
            )
            % {"held": held["files"], "most": most_files}
        )
    if held["bytes"] + sum(sizes) > most_megabytes * MEGABYTE:
        raise OverQuota(
            _(
                "%(held)s MB were uploaded within twelve months and at most %(most)s MB are possible: please upload "
                "smaller files, or ask the certification body."
            )
            % {"held": held["bytes"] // MEGABYTE, "most": most_megabytes}
        )
