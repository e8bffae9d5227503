"""What the committee decides on stays as it was laid before it."""

import pytest

from applications.transitions import TAKE_UP_CHANGE, TELL_CHANGE
from certbody.accounts.roles import Role
from certbody.workflow import NotReady, check
from tests.road.certificates import opened_panel, released_case
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


def test_while_a_panel_sits_the_application_is_not_opened_for_a_change() -> None:
    application = opened_panel(released_case()).case.application
    client = application.submitted_by
    for step, actor in ((TELL_CHANGE, client), (TAKE_UP_CHANGE, make_user(Role.CONTRACTS))):
        with pytest.raises(NotReady) as refused:
            check(step, application, actor)
        sentences = [str(one.sentence) for one in refused.value.missing]
        assert any("A decision on this case is under way or taken" in one for one in sentences), step.name
