"""Stretches of an application review: taken over, asked back in several ways, answered and submitted again."""

from datetime import timedelta

from applications.catalogue.review_items import ITEMS
from applications.catalogue.sections import Section
from applications.models import Application, ReturnReason, Verdict
from applications.queries import documents_in_force
from certbody.accounts.models import Interest, InterestKind
from certificates.demo.applying import SCHEME, ApplicationRoad, take
from certificates.demo.papers import papers
from certificates.demo.people import account

ASKED = "scope"
LEFT_OUT = "exclusions"
REPLACED = "manual"


def taken_over(road: ApplicationRoad) -> None:
    """The reviewer takes the application and judges the first items."""
    with road.on(1):
        application = _application_of(road)
        take("application.take_over", application, actor=account("reviewer"))
        road.record(ITEMS[:3])


def asked_back(road: ApplicationRoad) -> None:
    """Every item but one is settled; the open one and a document go back to the client."""
    with road.on(1):
        application = _application_of(road)
        take("application.take_over", application, actor=account("reviewer"))
        road.record([item for item in ITEMS if item.key not in {ASKED, LEFT_OUT}])
        for key, verdict, note in (
            (ASKED, Verdict.OPEN, "申请范围未说明是否包括网上销售的商品。"),
            (LEFT_OUT, Verdict.NOT_APPLICABLE, "申请人未提出删减条款。"),
        ):
            take(
                "application.review_item",
                application,
                actor=account("reviewer"),
                key=key,
                verdict=verdict,
                note=note,
            )
        questions = [
            {
                "section": Section.SCOPE,
                "item": ASKED,
                "reason": ReturnReason.CONTRADICTORY,
                "text": "申请范围是否包括网上销售的商品？",
            },
            {
                "section": Section.DOCUMENTS,
                "document": REPLACED,
                "reason": ReturnReason.UNREADABLE,
                "text": "售后服务手册扫描件第三页无法辨认，请重新上传。",
            },
        ]
        road.application = take(
            "application.ask", application, actor=account("reviewer"), questions=questions
        )


def answered(road: ApplicationRoad) -> None:
    """The client answers, changes the scope, replaces the manual and submits again."""
    with road.on(3):
        application = _application_of(road)
        for question in application.questions.all():
            take(
                "application.answer",
                application,
                actor=road.owner,
                question=question.pk,
                answer="已按要求补充。",
            )
        scope = f"{road.company.trade}的销售（含网上销售）、配送、安装和维修服务"
        take(
            "application.save",
            application,
            actor=road.owner,
            section=Section.SCOPE,
            values={"scope": scope},
        )
        older = documents_in_force(application).get(kind=REPLACED)
        take(
            "application.attach",
            application,
            actor=road.owner,
            kind=REPLACED,
            upload=papers(SCHEME)[REPLACED],
            number=f"DOC-{road.company.number:02}B",
            replaces=older.pk,
        )
        road.application = take("application.resubmit", application, actor=road.owner)


def interests(road: ApplicationRoad) -> None:
    """Two people of the body declared what they had to do with the client: one still barred, one no longer."""
    for name, kind, begun, ended in (
        ("lead", InterestKind.TRAINED, 900, 400),
        ("auditor", InterestKind.EMPLOYED, 2600, 1500),
    ):
        Interest.objects.create(
            person=account(name).person,
            organisation=road.organisation,
            kind=kind,
            since=road.day - timedelta(days=begun),
            until=road.day - timedelta(days=ended),
        )


def _application_of(road: ApplicationRoad) -> Application:
    if road.application is None:
        raise LookupError("the application has not begun")
    return Application.objects.get(pk=road.application.pk)
