from datetime import timedelta

import pytest

from applications.catalogue.sections import Section, section_url
from applications.models import ProposedExclusion, Site
from applications.queries.completeness import missing_in
from applications.queries.plausibility import manager_shortfall, warnings_of
from applications.transitions import ATTACH, SUBMIT
from certbody import clock, facts
from certbody.accounts.models import LegalForm
from certbody.scheme.dates import months_later
from certbody.workflow import NotReady, perform
from tests.road.applications import begun_application, checked_picture, complete, complete_application

pytestmark = pytest.mark.django_db


def sentences(application) -> str:
    return " ".join(str(item.sentence) for item in missing_in(application))


def test_a_complete_application_misses_nothing(client_user):
    assert missing_in(complete_application(client_user)) == []


def test_what_is_missing_leads_to_the_section_in_which_it_is_supplied(client_user):
    application = begun_application(client_user)
    links = {item.link for item in missing_in(application)}
    assert links == {
        section_url(application, section)
        for section in (
            Section.ORGANISATION,
            Section.SCOPE,
            Section.SITES,
            Section.PREREQUISITES,
            Section.DOCUMENTS,
        )
    }


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"scope": ""}, "The scope in Chinese is missing."),
        ({"scope_en": ""}, "The scope in English is missing."),
        ({"goods": ""}, "The kind of goods is missing."),
        ({"product_categories": None}, "The number of categories of goods is missing."),
        ({"agent_kind": ""}, "It is missing who helped with the application."),
        ({"agent_kind": "consultant"}, "The name of the agent or consultant is missing."),
        ({"managers_trained": None}, "The number of trained after-sales service managers is missing."),
        ({"system_running_since": None}, "Since when the service system runs is missing."),
        ({"person_in_charge": ""}, "The person in charge of after-sales service is missing."),
        ({"funds_note": ""}, "The funds set aside for after-sales service are missing."),
        ({"no_serious_fault": None}, "The statement about serious quality"),
        ({"no_serious_fault": False}, "Within 12 months after a serious quality or after-sales problem"),
        ({"operates_lawfully": False}, "Only organisations that operate lawfully in mainland China"),
        ({"pays_fees_itself": False}, "must be paid by the organisation itself"),
    ],
)
def test_each_prerequisite_is_asked_for(client_user, changes, sentence):
    application = complete_application(client_user, **changes)
    assert sentence in sentences(application)
    with pytest.raises(NotReady):
        perform(SUBMIT, application, actor=client_user)


def test_the_service_system_must_have_run_three_months_to_the_day(client_user):
    application = complete_application(client_user)
    application.system_running_since = months_later(clock.today(), -3)
    assert "3 months" not in sentences(application)
    application.system_running_since += timedelta(days=1)
    assert "at least 3 months before the application" in sentences(application)


def test_only_accepted_legal_forms_may_apply(client_user):
    application = complete_application(client_user)
    application.case.organisation.legal_form = LegalForm.SOLE
    assert "“sole proprietorship” cannot be certified here; accepted: company" in sentences(application)


def test_several_sites_need_the_list_of_sites_and_every_site_its_facts(client_user):
    application = complete_application(client_user)
    Site.objects.create(application=application, name="福田网点", address="深圳市福田区")
    text = sentences(application)
    assert "Document missing: List of sites with proof for each" in text
    assert "Site “福田网点” lacks: name in English, address in English, activity" in text


def test_an_application_without_head_office_is_not_complete(client_user):
    application = complete_application(client_user)
    application.sites.update(is_head_office=False, kind="branch")
    assert "No site is marked as the head office." in sentences(application)


def test_a_document_that_has_expired_must_be_replaced(client_user):
    application = complete_application(client_user)
    day = clock.today() + timedelta(days=1)
    perform(
        ATTACH,
        application,
        actor=client_user,
        kind="permits",
        upload=checked_picture("permit.png"),
        expires_on=day,
    )
    assert missing_in(application) == []
    with clock.at(day + timedelta(days=1)):
        assert "“permit.png” has expired." in sentences(application)


def test_a_document_that_can_expire_needs_its_day(client_user):
    application = complete_application(client_user)
    perform(ATTACH, application, actor=client_user, kind="permits", upload=checked_picture("permit.png"))
    assert "until when is “permit.png” valid?" in sentences(application)


def test_an_exclusion_must_fit_the_kind_of_goods(client_user):
    application = complete_application(client_user)
    ProposedExclusion.objects.create(application=application, clause="5.2.5.1", reason="-")
    assert "Clause 5.2.5.1 cannot be left out for this kind of goods." in sentences(application)
    application.goods = "intangible"
    assert missing_in(application) == []


def test_an_organisation_that_is_barred_is_told_until_when(client_user, monkeypatch):
    application = complete_application(client_user)
    first_day = clock.today() + timedelta(days=1)
    monkeypatch.setattr(facts, "_answers", {"blocked_until": [lambda **_about: first_day]})
    assert f"a new application is possible from {first_day.isoformat()}" in sentences(application)


def test_an_organisation_may_apply_again_on_the_first_day_after_the_bar(client_user, monkeypatch):
    application = complete_application(client_user)
    monkeypatch.setattr(facts, "_answers", {"blocked_until": [lambda **_about: clock.today()]})
    assert missing_in(application) == []


def test_too_few_service_managers_warn_and_do_not_block(client_user):
    application = complete_application(
        client_user, headcount=100, service_management_headcount=21, managers_trained=2
    )
    assert "3 trained after-sales service managers are needed" in manager_shortfall(application)
    assert missing_in(application) == []


@pytest.mark.parametrize(("management", "needed"), [(0, 1), (1, 1), (10, 1), (11, 2), (20, 2), (21, 3)])
def test_ten_percent_of_the_managers_are_needed_rounded_up_and_at_least_one(client_user, management, needed):
    application = begun_application(client_user)
    application.headcount, application.service_management_headcount = 100, management
    application.managers_trained = needed
    assert not manager_shortfall(application)
    application.managers_trained = needed - 1
    assert f"{needed} trained" in manager_shortfall(application)


def test_unlikely_figures_are_named_with_their_section(client_user):
    application = complete(
        begun_application(client_user),
        client_user,
        headcount=100,
        service_management_headcount=60,
        managers_trained=19,
    )
    application.headcount = 101
    found = warnings_of(application, list(application.sites.all()))
    text = " ".join(str(warning.sentence) for warning in found)
    assert "service-management headcount is high" in text
    assert "19 trained service managers are many: 6 are needed" in text
    assert "The sites together have 100 people, the organisation 101" in text
    assert found[-1].link == section_url(application, Section.SITES)


def test_the_managers_of_all_sites_are_compared_with_those_of_the_organisation(client_user):
    application = complete_application(client_user)
    Site.objects.create(
        application=application, name="福田网点", address="福田", headcount=0, service_management_headcount=0
    )
    assert warnings_of(application, list(application.sites.all())) == []
    application.service_management_headcount = 7
    found = warnings_of(application, list(application.sites.all()))
    assert [str(warning.sentence) for warning in found] == [
        "The sites together have 6 people in service management, the organisation 7: please compare."
    ]
