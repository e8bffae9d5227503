"""docs/workflow.md is what the tables of steps say."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command

from certbody import workflow

PAGE = Path(__file__).parents[2] / "docs" / "workflow.md"


def test_the_page_about_the_workflow_is_generated_from_the_tables() -> None:
    printed = StringIO()
    call_command("workflow", markdown=True, stdout=printed)
    assert PAGE.read_text() == printed.getvalue(), (
        "run: python manage.py workflow --markdown > docs/workflow.md"
    )


def test_every_step_says_for_whom_it_is() -> None:
    for table in workflow.tables():
        for step in table.steps:
            words = [part.strip() for part in step.allowed.words.replace(" or ", ",").split(",")]
            assert all(words), f"{table.aggregate}.{step.name}: {step.allowed.words!r}"
