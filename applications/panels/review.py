"""What the desk shows of application reviews."""

from django.utils.translation import gettext_lazy as _

from applications.catalogue.sections import Section, desk_url
from applications.models import ReturnReason
from applications.queries import review as review_queries
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.cases.models import Case
from certbody.web.panels import Panel

MOST = 8


def my_reviews(user: User, case: Case | None = None) -> Panel | None:
    """The reviewer's queue, the first last day first, and how many nobody has taken."""
    if not user.has_role(Role.REVIEWER):
        return None
    rows = [(row, desk_url(row)) for row in review_queries.queue_of(user)[:MOST]]
    unassigned = review_queries.of_reviewer(
        review_queries.with_reviewers(user), review_queries.UNASSIGNED
    ).count()
    return Panel(
        _("My application reviews"),
        "applications/panels/reviews.html",
        {"rows": rows, "unassigned": unassigned},
    )


def return_reasons(user: User, case: Case | None = None) -> Panel | None:
    """Why applications went back to clients, for those who improve the forms."""
    if not user.has_role(Role.REVIEWER, Role.QUALITY, Role.HEAD):
        return None
    rows = [
        (Section(section).label, ReturnReason(reason).label, number)
        for section, reason, number in review_queries.return_reasons()[:MOST]
    ]
    if not rows:
        return None
    return Panel(
        _("Why applications went back, last 365 days"),
        "applications/panels/return_reasons.html",
        {"rows": rows},
    )
