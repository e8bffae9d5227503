"""Goal 13: list of cases, page of a case and home of the staff, by the number of cases.

The peer is Cedrus, by figures that were given to us (a page in Django's test client: list 14-48 ms, detail 12 ms,
dashboard 18 ms, with 12-28 queries). It is not run here, so the goals are half of those figures, on whatever machine
this is, and only our own growth is a ratio of one run. Processor time of a whole page with session, permissions and
template, on a throw-away SQLite body. The rows are synthetic: a case with organisation, application and three events
and, for a tenth of them, a task that waits. What waits for the reader is the same at every size, forty tasks and two
hundred applications in review; there are no audits and certificates.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from benchmarks import harness

SIZES = (1_000, 10_000, 100_000)
AT = 10_000
PAGES = {"list": "/desk/applications/", "case": "/desk/cases/{reference}/", "home": "/desk/"}
LIMITS = {"list": 7.0, "case": 6.0, "home": 9.0}  # half of the least that was given for the peer
FLAT = 1.3
BATCH = 2_000
TASKS, IN_REVIEW = 40, 200  # wait for the reader of the pages, however many cases there are


def add_cases(first: int, last: int) -> None:
    """Cases from number `first` up to `last`, in bulk and without steps: nothing but the rows that the pages read."""
    for begin in range(first, last, BATCH):
        add_batch(range(begin, min(begin + BATCH, last)))


def add_batch(numbers: range) -> None:
    from applications.models import Application
    from applications.states import ApplicationState
    from certbody import clock
    from certbody.cases.models import Case
    from certbody.desk.models import Task
    from certbody.trail.models import Event

    accepted, declined = ApplicationState.ACCEPTED, ApplicationState.DECLINED
    ended = [accepted, accepted, accepted, declined]
    organisations = add_organisations(numbers)
    cases = Case.objects.bulk_create(
        Case(reference=f"2026-{number:06}", organisation=organisation, scheme="gbt27922-2011")
        for number, organisation in zip(numbers, organisations, strict=True)
    )
    applications = Application.objects.bulk_create(
        Application(
            case=case,
            state=ApplicationState.SUBMITTED if number <= IN_REVIEW else ended[number % len(ended)],
            revision=1,
            scope="家用电器的销售及售后服务",
            submitted_at=clock.now() - timedelta(minutes=SIZES[-1] - number),
        )
        for number, case in zip(numbers, cases, strict=True)
    )
    events = [
        event
        for number, application in zip(numbers, applications, strict=True)
        for event in events_of(number, application)
    ]
    Event.objects.bulk_create(events, batch_size=BATCH)
    waiting = [(number, case) for number, case in zip(numbers, cases, strict=True) if number % 10 == 0]
    Task.objects.bulk_create(task_of(number, case) for number, case in waiting)


def add_organisations(numbers: range) -> list[Any]:
    from certbody.accounts.models import LegalForm, Organisation

    return Organisation.objects.bulk_create(
        Organisation(
            name=f"佛山华丰{number}电器有限公司",
            credit_code=credit_code(number),
            legal_form=LegalForm.COMPANY,
            registered_address="广东省佛山市顺德区丰收路88号",
            headcount=40,
            service_management_headcount=12,
            managers_trained=2,
        )
        for number in numbers
    )


def events_of(number: int, application: Any) -> list[Any]:
    """Three events beside the chain: their hashes are made up, and no page looks at them."""
    from certbody import clock
    from certbody.trail.models import Event

    return [
        Event(
            sequence=10_000_000 + 3 * number + step,
            at=clock.now(),
            name=name,
            case=application.case,
            object_type="applications.application",
            object_id=str(application.pk),
            source="draft",
            target="submitted",
            previous_hash=f"{number}-{step}",
            hash=f"{number}-{step}".rjust(64, "0"),
        )
        for step, name in enumerate(("application.created", "application.submitted", "application.accepted"))
    ]


def task_of(number: int, case: Any) -> Any:
    from certbody.accounts.roles import Role
    from certbody.clock import today
    from certbody.desk.models import Task

    role = Role.REVIEWER if number <= TASKS * 10 else Role.FINANCE
    return Task(
        case=case,
        kind="application.review",
        object_type="applications.application",
        object_id=str(case.pk),
        role=role,
        audience=f"role {role}",
        path=f"/desk/applications/{case.reference}/",
        due_on=today() + timedelta(days=number % 30),
    )


def credit_code(number: int) -> str:
    from certbody.accounts.credit_code import check_character

    first = f"91440606{number:09}"
    return first + check_character(first)


def reviewer() -> Any:
    from certbody.accounts.models import Person, RoleAssignment, User
    from certbody.accounts.roles import Role
    from certbody.clock import today

    person = Person.objects.create(name="王明", name_en="Wang Ming")
    RoleAssignment.objects.create(person=person, role=Role.REVIEWER, since=today())
    return User.objects.create_user("bench@demo.example", None, person=person, language="en", is_demo=True)


def pages_of(client: Any, reference: str) -> dict[str, Callable[[], None]]:
    def visit(path: str) -> None:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)

    return {name: partial(visit, path.format(reference=reference)) for name, path in PAGES.items()}


def main() -> None:
    tiny = harness.options(__doc__).tiny
    sizes = (20, 40) if tiny else SIZES
    harness.start_django(CERTBODY_DEMO="1")
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", interactive=False, verbosity=0)
    client = Client(HTTP_HOST="localhost")
    client.force_login(reviewer())
    arms, queries, done = {}, {}, 1
    for size in sizes:
        add_cases(done, size + 1)
        done = size + 1
        pages = pages_of(client, f"2026-{size // 2:06}")
        found = harness.measure(pages, rounds=1 if tiny else 7, times=1 if tiny else 4)
        arms |= {f"{name} at {size}": times for name, times in found.items()}
        for name, visit in pages.items():
            with CaptureQueriesContext(connection) as captured:
                visit()
            queries[f"{name} at {size}"] = len(captured)
    at = sizes[0] if tiny else AT
    goals = [
        harness.Goal(
            name=f"peer_pages: {name} at {at} cases",
            figure=arms[f"{name} at {at}"]["min_ms"],
            limit=limit,
            unit="ms",
        )
        for name, limit in LIMITS.items()
    ]
    goals += [
        harness.Goal(
            name=f"peer_pages: {name}, {sizes[-1]} against {sizes[0]} cases",
            figure=arms[f"{name} at {sizes[-1]}"]["min_ms"] / arms[f"{name} at {sizes[0]}"]["min_ms"],
            limit=FLAT,
            unit="×",
        )
        for name in LIMITS
    ]
    rounds = 1 if tiny else 7
    harness.print_line(
        harness.Line(
            benchmark="peer_pages", goals=goals, rounds=rounds, arms=arms, facts={"queries": queries}
        )
    )


if __name__ == "__main__":
    main()
