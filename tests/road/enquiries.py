"""Enquiries by their steps."""

from typing import Any

from applications.models import Enquiry
from applications.transitions import LOG, QUOTE
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.clock import today
from certbody.workflow import perform
from tests.road.people import make_user


def enquiry_values(**changes: Any) -> dict[str, Any]:
    """What the form of a new enquiry gives."""
    return {
        "organisation_name": "广州宏达家电有限公司",
        "credit_code": "",
        "contact_name": "何敏",
        "contact_phone": "020-12345678",
        "contact_email": "contact@enquiry.example",
        "channel": "phone",
        "kind": "initial",
        "headcount": 40,
        "site_headcounts": "",
        "product_categories": 1,
        "agent_kind": "none",
        "agent_name": "",
        "owner": None,
        "note": "",
        "received_on": today(),
        "follow_up_on": None,
        **changes,
    }


def logged_enquiry(user: User | None = None, **changes: Any) -> Enquiry:
    officer = user or make_user(Role.CONTRACTS)
    made: Enquiry = perform(LOG, Enquiry(), actor=officer, values=enquiry_values(**changes))
    return made


def quoted_enquiry(user: User | None = None, **changes: Any) -> Enquiry:
    officer = user or make_user(Role.CONTRACTS)
    quoted: Enquiry = perform(QUOTE, logged_enquiry(officer, **changes), actor=officer)
    return quoted
