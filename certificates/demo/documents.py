"""Documents of the demo that something waits for: one asked for again, and a licence that ends soon."""

from datetime import timedelta

from applications.models import Application, AskAgain, DocumentVerdict
from applications.queries import documents_in_force
from applications.services import expiry
from applications.states import ApplicationState
from certbody import clock
from certbody.accounts.models import Organisation, User
from certificates.demo.applying import SCHEME, take
from certificates.demo.papers import papers

LICENCE = "legal_status"


def judge_documents(application: Application, *, reviewer: User) -> None:
    """The reviewer finds the licence sufficient and asks for the list of outlets again."""
    verdicts = {
        LICENCE: {"verdict": DocumentVerdict.ACCEPTED},
        "outlets": {
            "verdict": DocumentVerdict.ASK_AGAIN,
            "reason": AskAgain.INCOMPLETE,
            "remark": "网点清单缺少华东地区的服务网点，请补充后重新提交。",
        },
    }
    for row in documents_in_force(application).filter(kind__in=verdicts):
        take("application.judge_document", application, actor=reviewer, document=row.pk, **verdicts[row.kind])


def licence_that_ends_soon(organisation: Organisation, *, owner: User) -> None:
    """The client of an accepted application hands in a newer licence, which ends in forty days; both sides are told."""
    application = Application.objects.get(case__organisation=organisation, state=ApplicationState.ACCEPTED)
    older = documents_in_force(application).get(kind=LICENCE)
    take(
        "application.renew_document",
        application,
        actor=owner,
        document=older.pk,
        upload=papers(SCHEME)[LICENCE],
        number="2026-粤-0041",
        expires_on=clock.today() + timedelta(days=40),
        is_stamped=True,
    )
    expiry.watch()
