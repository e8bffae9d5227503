"""How clients come in and go about the portal."""

from django.utils.translation import gettext_lazy as _

from certbody.body.settings_catalogue.kinds import Entry, Group
from certbody.body.settings_catalogue.makers import RECOMMENDED, whole

PORTAL: tuple[Entry, ...] = (
    whole(
        "invitation_days",
        _("Days an invitation to act for an organisation stays open"),
        Group.APPLICATION,
        14,
        RECOMMENDED,
        most=90,
    ),
    whole(
        "join_requests_a_day",
        _("Requests to join an organisation that one person may send within a day"),
        Group.APPLICATION,
        3,
        RECOMMENDED,
        most=50,
    ),
    whole(
        "organisations_a_day",
        _("Organisations that one person may register within a day"),
        Group.APPLICATION,
        10,
        RECOMMENDED,
        most=100,
    ),
    whole(
        "proof_letters_a_day",
        _("Proofs of certification that the people of one organisation may ask for within a day"),
        Group.CERTIFICATE,
        20,
        RECOMMENDED,
        most=500,
    ),
    whole(
        "rescanned_files_a_day",
        _("Stored files that the virus scanner looks through again within a day"),
        Group.APPLICATION,
        1000,
        RECOMMENDED,
        most=100_000,
    ),
)
