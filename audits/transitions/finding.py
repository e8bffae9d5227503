from django.utils.translation import gettext_lazy as _

from audits import queries
from audits.models import Finding
from audits.permissions import audits, leads
from audits.services import closing
from audits.states import FindingState
from audits.transitions.parties import (
    client_finding_page,
    desk_findings_page,
    finding_page,
    mail_of_team,
    the_client,
    the_lead,
)
from certbody.cases.models import Part
from certbody.desk.services import TaskFor
from certbody.outbox.recipients import client_of
from certbody.permissions import is_client
from certbody.workflow import Notice, Step, Table, register

ANSWER_TASK = TaskFor(
    kind="finding.answer", label=_("Answer a finding of the audit"), to=the_client, path=client_finding_page
)
VERIFY_TASK = TaskFor(
    kind="finding.verify",
    label=_("Verify the answer to a finding"),
    to=the_lead,
    path=desk_findings_page,
    days=10,
)

RAISE = Step(
    name="raise",
    event="finding.raised",
    sources=(),
    target=FindingState.OPEN,
    label=_("Raise a finding"),
    recorded=_("A finding was raised."),
    told=_("The auditors raised a finding; please answer it."),
    allowed=leads,
    surface="system",
    effect=closing.raise_finding,
    notify=(Notice("finding.raised", client_of),),
    opens=(ANSWER_TASK,),
)
ANSWER = Step(
    name="answer",
    event="finding.answered",
    sources=(FindingState.OPEN, FindingState.REOPENED),
    target=FindingState.ANSWERED,
    label=_("Answer the finding"),
    recorded=_("The client answered a finding."),
    told=_("You answered a finding."),
    hint=_("Say why it happened, what you put right and what keeps it from happening again, with evidence."),
    allowed=is_client,
    surface="portal",
    effect=closing.answer_finding,
    notify=(Notice("finding.answered", mail_of_team),),
    opens=(VERIFY_TASK,),
    closes=("finding.answer",),
)
VERIFY = Step(
    name="verify",
    event="finding.verified",
    sources=(FindingState.ANSWERED,),
    target=FindingState.VERIFIED,
    label=_("Verify and close"),
    recorded=_("The rectification of a finding was verified."),
    told=_("A finding was closed: your rectification is verified."),
    hint=_(
        "Closing a finding restores no point. Who verifies counts as having taken part in the evaluation."
    ),
    allowed=audits,
    effect=closing.verify_finding,
    part=Part.VERIFICATION,
    notify=(Notice("finding.verified", client_of),),
    closes=("finding.verify",),
)
RETURN = Step(
    name="return",
    event="finding.returned",
    sources=(FindingState.ANSWERED,),
    target=FindingState.REOPENED,
    label=_("Return the answer"),
    recorded=_("An answer to a finding was returned."),
    told=_("The auditors returned your answer to a finding; please answer it again."),
    hint=_("The client is told the reason and answers again."),
    tone="danger",
    allowed=audits,
    effect=closing.return_answer,
    part=Part.VERIFICATION,
    notify=(Notice("finding.returned", client_of),),
    opens=(ANSWER_TASK,),
    closes=("finding.verify",),
)

FINDING = register(
    Table(
        aggregate="finding",
        title=_("Finding"),
        model=Finding,
        states=FindingState,
        steps=(RAISE, ANSWER, VERIFY, RETURN),
        visible_to=queries.findings_visible_to,
        page=finding_page,
    )
)
