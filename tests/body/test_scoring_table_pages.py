"""The pages of scoring tables: happy, wrong method, stranger, too little permission, already done."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from certbody import workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body import queries, transitions
from certbody.body.models import ScoringTable
from certbody.scheme.load import load, shipped, shipped_text
from certbody.trail.verify import faults
from tests.road.people import make_user

pytestmark = pytest.mark.django_db

SCHEME = "gbt27922-2011"
LIST, BEGIN = "/desk/scoring-tables/", "/desk/scoring-tables/begin/"


@pytest.fixture
def draft(head: User) -> ScoringTable:
    return workflow.perform(transitions.BEGIN, ScoringTable(scheme=SCHEME), actor=head)


def as_user(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def page(table: ScoringTable, suffix: str = "") -> str:
    return f"/desk/scoring-tables/{table.pk}/{suffix}"


def step(table: ScoringTable, name: str) -> str:
    return f"/steps/scoring_table/{table.pk}/{name}/"


def points_form(table: ScoringTable, **changes: str) -> dict[str, str]:
    scheme = queries.scheme_in(table)
    fields = {clause.id: str(clause.points) for clause in scheme.clauses}
    return fields | changes | {"content_hash": table.content_hash, "submission": str(uuid.uuid4())}


def swap(table: ScoringTable) -> dict[str, str]:
    scheme = queries.scheme_in(table)
    first = scheme.clauses[0]
    other = next(
        clause
        for clause in scheme.clauses
        if clause.section == first.section and clause.points != first.points
    )
    return {first.id: str(other.points), other.id: str(first.points)}


class TestList:
    def test_the_head_sees_every_version_and_may_begin_one(
        self, client: Client, head: User, draft: ScoringTable
    ) -> None:
        content = as_user(client, head).get(LIST).content.decode()
        assert page(draft) in content
        assert 'name="scheme"' in content

    @pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
    def test_an_empty_list_says_what_will_be_there(self, client: Client, language: str) -> None:
        answer = as_user(client, make_user(Role.INSPECTOR)).get(LIST, headers={"accept-language": language})
        assert b"cb-empty" in answer.content
        assert b'name="scheme"' not in answer.content

    def test_nothing_is_posted_to_the_list(self, client: Client, head: User) -> None:
        assert as_user(client, head).post(LIST).status_code == 405

    def test_strangers_sign_in_and_clients_find_nothing(self, client: Client) -> None:
        assert client.get(LIST)["Location"].startswith("/accounts/login/")
        assert as_user(client, make_user()).get(LIST).status_code == 404

    def test_its_queries_do_not_grow_with_the_versions(
        self, client: Client, head: User, draft: ScoringTable
    ) -> None:
        """The menu's own counts are left out: every app adds its own."""
        as_user(client, head).get(LIST)
        for versions in (1, 3):
            assert ScoringTable.objects.count() == versions
            with CaptureQueriesContext(connection) as asked:
                client.get(LIST)
            assert len([query for query in asked if "body_scoringtable" in query["sql"]]) == 3
            for _one_more in range(2):
                workflow.perform(transitions.BEGIN, ScoringTable(scheme=SCHEME), actor=head)


class TestBegin:
    def test_the_quality_manager_begins_a_version(self, client: Client, quality: User) -> None:
        answer = as_user(client, quality).post(BEGIN, {"scheme": SCHEME, "remark": "for demonstration"})
        table = ScoringTable.objects.get()
        assert answer["Location"] == page(table)
        assert (table.created_by, table.remark) == (quality.person, "for demonstration")

    def test_getting_it_begins_nothing(self, client: Client, head: User) -> None:
        assert as_user(client, head).get(BEGIN).status_code == 405

    def test_strangers_and_clients_begin_nothing(self, client: Client) -> None:
        assert client.post(BEGIN, {"scheme": SCHEME}).status_code == 302
        assert as_user(client, make_user()).post(BEGIN, {"scheme": SCHEME}).status_code == 404
        assert not ScoringTable.objects.exists()

    @pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.REVIEWER])
    def test_other_roles_begin_nothing(self, client: Client, role: Role) -> None:
        assert as_user(client, make_user(role)).post(BEGIN, {"scheme": SCHEME}).status_code == 403
        assert not ScoringTable.objects.exists()

    def test_the_same_submission_twice_begins_one_version(self, client: Client, head: User) -> None:
        form = {"scheme": SCHEME, "submission": str(uuid.uuid4())}
        first, second = (as_user(client, head).post(BEGIN, form) for _time in range(2))
        assert first["Location"] == second["Location"]
        assert ScoringTable.objects.count() == 1

    def test_an_unknown_scheme_is_refused_at_its_field(self, client: Client, head: User) -> None:
        assert as_user(client, head).post(BEGIN, {"scheme": "gbt1-1999"}).status_code == 422


class TestPage:
    @pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
    def test_it_shows_the_tree_the_sums_and_the_honest_sentence(
        self, client: Client, head: User, draft: ScoringTable, language: str
    ) -> None:
        answer = as_user(client, head).get(page(draft), headers={"accept-language": language})
        content = answer.content.decode()
        assert answer.status_code == 200
        for clause in shipped(SCHEME).clauses:
            assert f"{clause.id} {clause.title.in_language(language)}" in content
        assert "40.00" in content
        assert draft.content_hash in content
        assert step(draft, "confirm_as_head") in content

    def test_it_shows_what_differs_from_the_shipped_table(
        self, client: Client, head: User, draft: ScoringTable
    ) -> None:
        points = swap(draft)
        assert b"Different from the table" not in as_user(client, head).get(page(draft)).content
        workflow.perform(transitions.EDIT_POINTS, draft, actor=head, points=points)
        content = client.get(page(draft)).content.decode()
        assert "Different from the table" in content
        assert "entered by the body" in content

    def test_nothing_is_posted_to_it(self, client: Client, head: User, draft: ScoringTable) -> None:
        assert as_user(client, head).post(page(draft)).status_code == 405

    def test_strangers_and_clients_do_not_see_it(self, client: Client, draft: ScoringTable) -> None:
        assert client.get(page(draft)).status_code == 302
        client = as_user(client, make_user())
        assert [client.get(page(draft, suffix)).status_code for suffix in ("", "file/")] == [404, 404]

    def test_an_administrator_reads_it_and_gets_no_button(self, client: Client, draft: ScoringTable) -> None:
        content = as_user(client, make_user(Role.ADMINISTRATOR)).get(page(draft)).content.decode()
        assert "/steps/scoring_table/" not in content

    def test_the_file_holds_exactly_the_confirmed_content(
        self, client: Client, head: User, draft: ScoringTable
    ) -> None:
        answer = as_user(client, head).get(page(draft, "file/"))
        assert answer["Content-Disposition"].startswith("attachment")
        assert load(answer.content.decode()).hash == draft.content_hash
        assert client.post(page(draft, "file/")).status_code == 405


class TestSteps:
    def test_the_head_enters_points(self, client: Client, head: User, draft: ScoringTable) -> None:
        form = as_user(client, head).get(step(draft, "edit_points"))
        assert form.status_code == 200
        assert b'name="5.1.1.1"' in form.content
        answer = client.post(step(draft, "edit_points"), points_form(draft, **swap(draft)))
        assert answer["Location"] == page(draft)
        draft.refresh_from_db()
        changed = queries.changed_clauses(queries.tree_of(queries.scheme_in(draft)))
        assert len(changed) == 2

    def test_points_that_do_not_close_are_shown_and_everything_typed_is_kept(
        self, client: Client, head: User, draft: ScoringTable
    ) -> None:
        answer = as_user(client, head).post(
            step(draft, "edit_points"), points_form(draft, **{"5.1.1.1": "7/3"})
        )
        assert answer.status_code == 422
        assert b'value="7/3"' in answer.content
        assert b"data-error-summary" in answer.content

    @pytest.mark.parametrize("value", ["", "-1", "0", "1e3", "NaN", "many", "1/0"])
    def test_a_figure_that_is_none_is_refused_at_its_clause(
        self, client: Client, head: User, draft: ScoringTable, value: str
    ) -> None:
        answer = as_user(client, head).post(
            step(draft, "edit_points"), points_form(draft, **{"5.1.1.1": value})
        )
        assert answer.status_code == 422
        assert 'href="#id_5.1.1.1"' in answer.content.decode()

    def test_points_sent_twice_are_entered_once(
        self, client: Client, head: User, draft: ScoringTable
    ) -> None:
        form = points_form(draft, **swap(draft))
        first, second = (as_user(client, head).post(step(draft, "edit_points"), form) for _time in range(2))
        assert (first.status_code, second.status_code) == (302, 302)

    def test_points_on_an_older_page_are_refused(
        self, client: Client, head: User, draft: ScoringTable
    ) -> None:
        form = points_form(draft, **swap(draft))
        workflow.perform(transitions.EDIT_POINTS, draft, actor=head, points=swap(draft))
        answer = as_user(client, head).post(step(draft, "edit_points"), form)
        assert answer.status_code == 409
        assert b"Somebody has changed this table" in answer.content

    def test_a_toml_file_is_imported(self, client: Client, quality: User, draft: ScoringTable) -> None:
        text = shipped_text(SCHEME).replace('version = "1"', 'version = "own 2"', 1)
        file = SimpleUploadedFile("table.toml", text.encode())
        assert as_user(client, quality).get(step(draft, "import")).status_code == 200
        answer = client.post(step(draft, "import"), {"file": file, "content_hash": draft.content_hash})
        assert answer["Location"] == page(draft)
        draft.refresh_from_db()
        assert draft.version == "own 2"

    def test_every_fault_of_a_file_is_shown_at_the_field(
        self, client: Client, head: User, draft: ScoringTable
    ) -> None:
        text = (
            shipped_text(SCHEME)
            .replace("points = 40", "points = 41", 1)
            .replace('id = "5.2"', 'id = "<b>"', 1)
        )
        file = SimpleUploadedFile("table.toml", text.encode())
        answer = as_user(client, head).post(step(draft, "import"), {"file": file})
        content = answer.content.decode()
        assert answer.status_code == 422
        assert "level1.5.1" in content
        assert content.count("level2.5.2") > 1
        assert "<b>" not in content

    @pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{", b"[]", b"x" * 1_000_001])
    def test_what_is_no_table_is_refused(
        self, client: Client, head: User, draft: ScoringTable, content: bytes
    ) -> None:
        file = SimpleUploadedFile("table.json", content)
        assert as_user(client, head).post(step(draft, "import"), {"file": file}).status_code == 422
        draft.refresh_from_db()
        assert draft.content_hash == shipped(SCHEME).hash

    def test_two_persons_confirm_through_the_pages(
        self, client: Client, head: User, quality: User, draft: ScoringTable
    ) -> None:
        for user, name in ((head, "confirm_as_head"), (quality, "confirm_as_quality")):
            form = as_user(client, user).get(step(draft, name))
            assert draft.content_hash[:12] in form.content.decode()
            confirmation = {"checked_against": "own copy 27922", "content_hash": draft.content_hash}
            assert client.post(step(draft, name), confirmation)["Location"] == page(draft)
        draft.refresh_from_db()
        assert draft.state == "confirmed"
        assert client.post(step(draft, "confirm_as_quality"), confirmation).status_code == 403
        assert "own copy 27922" in client.get(page(draft)).content.decode()
        assert client.get(step(draft, "retire")).status_code == 403

    def test_a_confirmation_names_the_copy_that_was_compared(
        self, client: Client, head: User, draft: ScoringTable
    ) -> None:
        assert as_user(client, head).post(step(draft, "confirm_as_head"), {}).status_code == 422

    @pytest.mark.parametrize(
        "name", ["edit_points", "import", "confirm_as_head", "confirm_as_quality", "discard"]
    )
    def test_an_administrator_is_refused_at_every_step(
        self, client: Client, draft: ScoringTable, name: str
    ) -> None:
        client = as_user(client, make_user(Role.ADMINISTRATOR))
        assert client.get(step(draft, name)).status_code == 403
        form = points_form(draft) | {
            "checked_against": "x",
            "file": SimpleUploadedFile("t.toml", shipped_text(SCHEME).encode()),
        }
        assert client.post(step(draft, name), form).status_code == 403

    @pytest.mark.parametrize("name", ["begin", "confirm"])
    def test_the_steps_of_the_system_have_no_page(
        self, client: Client, head: User, draft: ScoringTable, name: str
    ) -> None:
        assert as_user(client, head).post(step(draft, name)).status_code == 404

    @pytest.mark.parametrize("name", ["retire", "discard"])
    def test_a_step_without_a_form_asks_for_confirmation(
        self, client: Client, head: User, quality: User, draft: ScoringTable, name: str
    ) -> None:
        if name == "retire":
            workflow.perform(transitions.CONFIRM_AS_HEAD, draft, actor=head)
            workflow.perform(transitions.CONFIRM_AS_QUALITY, draft, actor=quality)
        assert as_user(client, head).get(step(draft, name)).status_code == 200
        assert client.post(step(draft, name), {})["Location"] == page(draft)
        draft.refresh_from_db()
        assert draft.state == "retired"


def test_verify_trail_names_a_changed_scoring_table(draft: ScoringTable) -> None:
    assert not [line for line in faults() if "body_scoringtable" in line]
    ScoringTable.objects.filter(pk=draft.pk).update(content=draft.content + " ")
    assert [line for line in faults() if line.startswith(f"body_scoringtable {draft.pk}:")]
