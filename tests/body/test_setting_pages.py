"""The pages of the settings: happy, wrong method, stranger, too little permission, already done."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client

from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body.models import BodySetting
from certbody.body.settings_catalogue import ENTRIES, default_of, setting
from certbody.body.templatetags import scheme_words
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


def as_user(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


class TestSettings:
    @pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
    def test_every_setting_stands_on_the_page_with_its_source(
        self, client: Client, head: User, language: str
    ) -> None:
        answer = as_user(client, head).get("/desk/settings/", headers={"accept-language": language})
        content = answer.content.decode()
        for shown in (">示例认证中心有限公司", ">3000", ">{cb_code}{yy}SC{seq:05}R{cycle}"):
            assert shown in re.sub(r"\s*\n\s*", "", content)
        assert {known.key for known in ENTRIES} == set(re.findall(r"/desk/settings/(\w+)/", content))

    def test_nothing_is_posted_to_the_list(self, client: Client, head: User) -> None:
        assert as_user(client, head).post("/desk/settings/").status_code == 405

    def test_strangers_sign_in_and_clients_find_nothing(self, client: Client) -> None:
        for path in ("/desk/settings/", "/desk/settings/quorum/"):
            assert client.get(path)["Location"].startswith("/accounts/login/")
        as_user(client, make_user())
        assert [client.get(path).status_code for path in ("/desk/settings/", "/desk/settings/quorum/")] == [
            404,
            404,
        ]

    @pytest.mark.parametrize("known", ENTRIES, ids=lambda known: known.key)
    def test_the_form_of_every_setting_takes_its_own_default_back(
        self, client: Client, head: User, known
    ) -> None:
        path = f"/desk/settings/{known.key}/"
        form = as_user(client, head).get(path).context["form"]
        value = form["value"].value()
        data = {
            "valid_from": str(clock.today()),
            "source": "decision",
            "value": list(value) if isinstance(value, tuple) else value,
        }
        if known.key == "person_days":
            data["value"] = form.fields["value"].prepare_value(value)
        if value is True:
            data["value"] = "on"
        assert client.post(path, data)["Location"] == path
        assert setting(known.key) == default_of(known)

    def test_the_quality_manager_changes_a_setting(self, client: Client, quality: User) -> None:
        form = {"value": "5", "valid_from": str(clock.today()), "source": "committee rules 2026"}
        assert as_user(client, quality).post("/desk/settings/quorum/", form).status_code == 302
        assert setting("quorum") == 5
        content = client.get("/desk/settings/quorum/").content.decode()
        assert "committee rules 2026" in content
        assert "钱经理" in content

    def test_the_same_submission_twice_changes_it_once(self, client: Client, head: User) -> None:
        form = {
            "value": "5",
            "valid_from": str(clock.today()),
            "source": "x",
            "submission": str(uuid.uuid4()),
        }
        for _time in range(2):
            as_user(client, head).post("/desk/settings/quorum/", form)
        assert BodySetting.objects.count() == 1

    @pytest.mark.parametrize(
        "wrong",
        [{"value": "0"}, {"value": "three"}, {"source": ""}, {"valid_from": "2020-01-01"}, {"value": ""}],
    )
    def test_nonsense_is_refused_at_its_field(
        self, client: Client, head: User, wrong: dict[str, str]
    ) -> None:
        form = {"value": "5", "valid_from": str(clock.today()), "source": "x"} | wrong
        assert as_user(client, head).post("/desk/settings/quorum/", form).status_code == 422
        assert not BodySetting.objects.exists()

    @pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.INSPECTOR, Role.CERTIFICATES])
    def test_others_read_the_history_and_change_nothing(self, client: Client, role: Role) -> None:
        client = as_user(client, make_user(role))
        answer = client.get("/desk/settings/quorum/")
        assert answer.status_code == 200
        assert answer.context["form"] is None
        form = {"value": "5", "valid_from": str(clock.today()), "source": "x"}
        assert client.post("/desk/settings/quorum/", form).status_code == 403
        assert not BodySetting.objects.exists()

    def test_an_unknown_setting_is_not_found(self, client: Client, head: User) -> None:
        assert as_user(client, head).get("/desk/settings/quorums/").status_code == 404
        assert client.put("/desk/settings/quorum/").status_code == 405

    def test_a_change_that_is_still_to_come_is_announced(self, client: Client, head: User) -> None:
        day = clock.today() + timedelta(days=40)
        form = {"value": "5", "valid_from": str(day), "source": "x"}
        as_user(client, head).post("/desk/settings/quorum/", form)
        assert str(day) in client.get("/desk/settings/").content.decode()
        assert setting("quorum") == 3

    def test_a_person_day_table_is_typed_line_by_line(self, client: Client, head: User) -> None:
        form = {"valid_from": str(clock.today()), "source": "x"}
        lines = "1 10 3 1 2 1.5 1 2 1.5\n11 25 4 1 3 1.5 1 2.5 2"
        as_user(client, head).post("/desk/settings/person_days/", form | {"value": lines})
        assert [row.last for row in setting("person_days")] == [10, 25]
        for broken in (
            "1 10 3 1",
            lines.replace("11 25", "12 25"),
            lines.replace("3 1 2", "3 1 NaN"),
            "x" * 50,
        ):
            assert client.post("/desk/settings/person_days/", form | {"value": broken}).status_code == 422


def test_text_typed_into_a_setting_is_shown_as_text(client: Client, head: User) -> None:
    canary = "<script>alert(1)</script>{{ 7|add:7 }}"
    form = {"value": canary, "valid_from": str(clock.today()), "source": canary}
    as_user(client, head).post("/desk/settings/rule_name/", form)
    for path in ("/desk/settings/", "/desk/settings/rule_name/"):
        content = client.get(path).content.decode()
        assert "<script>alert" not in content
        assert "{{ 7|add:7 }}" in content


def test_several_words_are_parted_as_the_language_parts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert scheme_words.listed(["5.1.1", "5.1.2"]) == "5.1.1, 5.1.2"
    monkeypatch.setattr(scheme_words, "pgettext", lambda _context, _message: "、")
    assert scheme_words.listed(["是", "否"]) == "是、否"
