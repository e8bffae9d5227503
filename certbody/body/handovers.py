from django.utils.translation import gettext_lazy as _

from certbody.body import authorisations, integrity, transitions
from certbody.body.forms import ConfirmForm, EditPointsForm, ImportForm
from certbody.trail import verify
from certbody.web import navigation, steps


def register() -> None:
    """Give the steps their forms, the desk its three entries and `verify_trail` its check."""
    verify.register(integrity.scoring_tables, order=10)
    verify.register(integrity.settings_of_the_body, order=11)
    steps.register_form(transitions.EDIT_POINTS.event, EditPointsForm, "body/edit_points.html")
    steps.register_form(transitions.IMPORT.event, ImportForm, "body/table_step.html")
    steps.register_form(transitions.CONFIRM_AS_HEAD.event, ConfirmForm, "body/table_step.html")
    steps.register_form(transitions.CONFIRM_AS_QUALITY.event, ConfirmForm, "body/table_step.html")
    navigation.register(
        "desk",
        navigation.Entry(label=_("Scoring tables"), url_name="scoring_tables", icon="list-check", order=800),
    )
    navigation.register(
        "desk", navigation.Entry(label=_("Settings"), url_name="body_settings", icon="settings", order=810)
    )
    navigation.register(
        "desk",
        navigation.Entry(
            label=_("Authorisations"),
            url_name="authorisations",
            icon="writing-sign",
            allowed=lambda user: user.has_role(*authorisations.READERS),
            order=820,
        ),
    )
