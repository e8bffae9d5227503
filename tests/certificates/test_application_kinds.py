"""Applications that renew or change a certificate: what can begin, what is asked, what will change, how far it goes."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import TestCase
from django.urls import reverse

from applications.catalogue.kinds import ASKED, sections_of
from applications.catalogue.sections import FIELDS, FIELDS_BESIDE, Section
from applications.forms.review import AskForm
from applications.models import Application, Contract
from applications.queries.beginning import choices_of, situation_of
from applications.queries.changes import comparison_of
from applications.queries.completeness import missing_in
from applications.queries.contents import contents_of
from applications.queries.held import standing_certificate_of, subject_of
from applications.states import Agent, ApplicationKind, ApplicationState
from applications.transitions import ACCEPT, BEGIN, DRAFT, SAVE, SUBMIT
from certbody import clock, workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.cases.models import Case, CaseKind
from certbody.desk.models import Task
from certbody.scheme.dates import months_later
from certbody.web.stages import stages_of
from certbody.workflow import perform
from certificates.facts import has_ended
from certificates.models import ApplicationSubject, Certificate
from certificates.transitions import SUSPEND
from tests.applications.conftest import signed_in
from tests.road.applications import attach_all, complete, drafted_contract, review_all
from tests.road.certificates import SCHEME, issued_certificate, released_case, signed_decision
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db
K = ApplicationKind


@pytest.fixture
def certificate(db: None) -> Certificate:
    return certificate_of_four_stars()


def certificate_of_four_stars() -> Certificate:
    return issued_certificate(signed_decision(released_case(grade="star4")))


class OneCertificate(TestCase):
    """The certificate is issued once for all tests of a class."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.certificate = certificate_of_four_stars()


def owner_of(certificate: Certificate) -> User:
    return User.objects.get(person__memberships__organisation=certificate.organisation)


def begin(certificate: Certificate, kind: str) -> Application:
    wish = Case(organisation=certificate.organisation, scheme=SCHEME)
    begun: Application = perform(BEGIN, Application(case=wish, kind=kind), actor=owner_of(certificate))
    return begun


def reasons(certificate: Certificate) -> dict[str, str]:
    choices = choices_of(situation_of(certificate.organisation, SCHEME))
    return {choice.kind: " ".join(choice.reasons) for choice in choices}


def suspend(certificate: Certificate) -> Certificate:
    head = make_user(Role.HEAD)
    suspended: Certificate = perform(SUSPEND, certificate, actor=head, ground="mark", reason="标志误用。")
    return suspended


def save(application: Application, section: str, **values: object) -> None:
    actor = application.case.organisation.memberships.get().person.users.get()
    perform(SAVE, application, actor=actor, section=section, values=values)


def complete_change(certificate: Certificate) -> Application:
    """A change of the name that lacks nothing."""
    application = begin(certificate, K.DATA_CHANGE)
    save(
        application,
        Section.CHANGE,
        name="深圳华丰智能电器有限公司",
        name_en="Shenzhen Huafeng Smart Appliances Co., Ltd.",
        changed_on=clock.today() - timedelta(days=3),
        reason="公司更名",
    )
    head = application.sites.get()
    values = {"address_en": "1 Keji Road", "activity_en": "Sale and after-sales service"}
    owner = owner_of(certificate)
    perform(
        workflow.table("application").step("save_site"), application, actor=owner, site=head.pk, values=values
    )
    wanted = [kind for kind in contents_of(application).documents_asked if kind.required == "always"]
    attach_all(application, owner, wanted)
    application.refresh_from_db()
    return application


def accepted_change(certificate: Certificate) -> Application:
    reviewer = make_user(Role.REVIEWER)
    submitted = perform(SUBMIT, complete_change(certificate), actor=owner_of(certificate))
    review_all(submitted, reviewer)
    accepted: Application = perform(ACCEPT, submitted, actor=reviewer)
    return accepted


class TestApplicationsAboutACertificate(OneCertificate):
    def test_a_valid_certificate_can_be_changed_but_not_certified_again(self):
        found = reasons(self.certificate)
        assert {kind for kind, reason in found.items() if not reason} == {
            K.SCOPE_CHANGE,
            K.DATA_CHANGE,
            K.UPGRADE,
        }
        assert f"certificate {self.certificate.number} stands" in found[K.INITIAL]
        assert f"certificate {self.certificate.number} stands" in found[K.TRANSFER]
        opens = months_later(self.certificate.expires_on, -6)
        assert f"can be applied for from {opens}" in found[K.RECERTIFICATION]

    def test_the_window_of_the_recertification_opens_and_closes(self):
        opens = months_later(self.certificate.expires_on, -6)
        with clock.at(opens - timedelta(days=1)):
            assert reasons(self.certificate)[K.RECERTIFICATION]
        for day in (opens, self.certificate.expires_on):
            with clock.at(day):
                assert not reasons(self.certificate)[K.RECERTIFICATION]
        with clock.at(self.certificate.expires_on + timedelta(days=1)):
            assert "holds no valid certificate of ours" in reasons(self.certificate)[K.RECERTIFICATION]
            assert not reasons(self.certificate)[K.INITIAL]

    def test_a_suspended_certificate_is_neither_renewed_nor_upgraded(self):
        suspend(self.certificate)
        with clock.at(months_later(self.certificate.expires_on, -2)):
            found = reasons(self.certificate)
        assert "is suspended" in found[K.RECERTIFICATION]
        assert "is suspended" in found[K.UPGRADE]
        assert not found[K.DATA_CHANGE]

    def test_a_suspended_certificate_is_narrowed_and_never_widened(self):
        suspend(self.certificate)
        application = begin(self.certificate, K.SCOPE_CHANGE)
        save(application, Section.CHANGE, scope_effect="extended", reason="新产品")
        assert "its scope cannot be extended" in " ".join(
            str(gap.sentence) for gap in missing_in(application)
        )
        save(application, Section.CHANGE, scope_effect="reduced")
        assert "its scope cannot be extended" not in " ".join(
            str(gap.sentence) for gap in missing_in(application)
        )

    def test_one_application_at_a_time(self):
        begin(self.certificate, K.DATA_CHANGE)
        assert all("already under way" in reason for reason in reasons(self.certificate).values())

    def test_a_recertification_is_a_case_of_the_next_cycle(self):
        with clock.at(months_later(self.certificate.expires_on, -4)):
            application = begin(self.certificate, K.RECERTIFICATION)
        case = application.case
        assert (case.kind, case.cycle, case.previous) == (CaseKind.RECERTIFICATION, 2, self.certificate.case)
        assert sections_of(application) == list(ASKED[K.INITIAL].sections)

    def test_a_change_of_the_name_asks_for_names_and_proof_and_not_for_headcounts(self):
        application = begin(self.certificate, K.DATA_CHANGE)
        assert sections_of(application) == [Section.CHANGE, Section.SITES, Section.DOCUMENTS]
        sentences = " ".join(str(gap.sentence) for gap in missing_in(application))
        assert f"Nothing differs from certificate {self.certificate.number} yet." in sentences
        assert "Proof of the change" in sentences
        assert "headcount" not in sentences
        browser = signed_in(owner_of(self.certificate))
        address = reverse("applications:section", args=[application.case.reference, "change"])
        text = browser.get(address).text
        assert 'name="name_en"' in text
        assert 'name="grade"' not in text
        other = reverse("applications:section", args=[application.case.reference, "organisation"])
        assert browser.get(other).status_code == 404

    def test_the_page_shows_present_and_wished_values_while_typing(self):
        application = begin(self.certificate, K.DATA_CHANGE)
        address = reverse("applications:section", args=[application.case.reference, "change"])
        typed = {"name": "深圳新名电器有限公司"}
        answer = signed_in(owner_of(self.certificate)).post(address, typed, headers={"X-Autosave": "1"})
        assert "→ 深圳新名电器有限公司" in answer.text
        assert self.certificate.organisation.name in answer.text
        application.requested_change.refresh_from_db()
        assert application.requested_change.name == "深圳新名电器有限公司"
        self.certificate.organisation.refresh_from_db()
        assert self.certificate.organisation.name != "深圳新名电器有限公司"

    def test_only_wished_facts_change_and_number_and_last_day_stay(self):
        application = begin(self.certificate, K.UPGRADE)
        save(application, Section.CHANGE, grade="star5", reason="全面升级")
        comparison = comparison_of(contents_of(application))
        assert [(line.present, line.wished) for line in comparison.changed] == [("Four stars", "Five stars")]
        assert (
            f"Number {self.certificate.number} and the last valid day {self.certificate.expires_on} stay."
            in comparison.register[0]
        )

    def test_an_upgrade_asks_for_more_than_there_is(self):
        application = begin(self.certificate, K.UPGRADE)
        for grade, is_refused in (("star3", True), ("star4", True), ("star5", False)):
            save(application, Section.CHANGE, grade=grade, reason="全面升级")
            sentences = " ".join(str(gap.sentence) for gap in missing_in(application))
            assert ("has this grade or a higher one already: Four stars" in sentences) == is_refused

    def test_an_application_whose_certificate_ends_meanwhile_cannot_be_submitted(self):
        application = complete_change(self.certificate)
        assert missing_in(application) == []
        with clock.at(self.certificate.expires_on + timedelta(days=1)):
            assert "no longer stands" in " ".join(str(gap.sentence) for gap in missing_in(application))

    def test_an_accepted_change_ends_in_a_true_state_and_leads_to_no_second_certificate(self):
        application = accepted_change(self.certificate)
        officer = make_user(Role.CONTRACTS)
        assert application.state == ApplicationState.ACCEPTED
        assert not Task.objects.filter(kind="contract.make", case=application.case).exists()
        quote = Contract(case=application.case, application=application)
        with pytest.raises(workflow.NotReady) as refused:
            perform(DRAFT, quote, actor=officer)
        assert self.certificate.number in str(refused.value.missing[0].sentence)
        assert "no quote is made" in str(refused.value.missing[0].sentence)
        assert Certificate.objects.count() == 1

    def test_staff_and_client_read_what_follows_an_accepted_change(self):
        application = accepted_change(self.certificate)
        sentence = f"Certificate {self.certificate.number} and the register show the present values until a new edition"
        desk = reverse("applications:desk", args=[application.case.reference])
        portal = reverse("applications:overview", args=[application.case.reference])
        staff = signed_in(make_user(Role.REVIEWER)).get(desk).text
        client = signed_in(owner_of(self.certificate)).get(portal).text
        for text in (staff, client):
            assert sentence in text
            assert "→ 深圳华丰智能电器有限公司" in text
        assert "Make the quote" not in staff

    def test_the_stages_of_a_change_lead_to_a_new_edition_and_to_nothing_else(self):
        application = accepted_change(self.certificate)
        found = [(str(stage.label), stage.state) for stage in stages_of(application.case)]
        assert found == [("Application", "done"), ("New edition", "current")]

    def test_a_recertification_goes_on_to_its_quote(self):
        """The road of a recertification is whole: its own tariff, the audit, and a certificate of the next cycle."""
        with clock.at(months_later(self.certificate.expires_on, -4)):
            application = begin(self.certificate, K.RECERTIFICATION)
            complete(application, owner_of(self.certificate))
            reviewer = make_user(Role.REVIEWER)
            submitted = perform(SUBMIT, application, actor=owner_of(self.certificate))
            review_all(submitted, reviewer)
            accepted = perform(ACCEPT, submitted, actor=reviewer)
            assert Task.objects.filter(kind="contract.make", case=accepted.case).exists()
            contract = drafted_contract(accepted, make_user(Role.CONTRACTS))
        assert "application" not in set(contract.lines.values_list("key", flat=True))

    def test_the_reviewer_asks_about_sections_that_the_client_has(self):
        submitted = perform(SUBMIT, complete_change(self.certificate), actor=owner_of(self.certificate))
        choices = [
            value for value, _label in AskForm(obj=submitted, actor=make_user()).fields["section"].choices
        ]
        assert choices == ["change", "sites", "documents"]

    def test_an_accepted_change_bars_the_same_change_and_nothing_else(self):
        application = accepted_change(self.certificate)
        assert (
            f"Case {application.case.reference} of this kind is under way."
            in reasons(self.certificate)[K.DATA_CHANGE]
        )
        assert not reasons(self.certificate)[K.UPGRADE]
        with clock.at(months_later(self.certificate.expires_on, -4)):
            assert not reasons(self.certificate)[K.RECERTIFICATION]

    def test_a_change_ends_with_the_certificate_that_it_concerns(self):
        case = accepted_change(self.certificate).case
        assert not has_ended(case=case)
        with clock.at(self.certificate.expires_on + timedelta(days=1)):
            assert has_ended(case=case)
            assert not reasons(self.certificate)[K.INITIAL]

    def test_an_application_concerns_one_certificate_for_ever(self):
        application = begin(self.certificate, K.DATA_CHANGE)
        with pytest.raises(IntegrityError), transaction.atomic():
            ApplicationSubject.objects.create(application=application, certificate=self.certificate)

    def test_the_figures_of_the_sites_are_taken_over_with_one_press(self):
        application = begin(self.certificate, K.UPGRADE)
        head = application.sites.get()
        head.headcount, head.service_management_headcount, head.managers_trained = 55, 12, 3
        head.save()
        save(application, Section.ORGANISATION, agent_kind=Agent.NONE)
        address = reverse("applications:section", args=[application.case.reference, "organisation"])
        browser = signed_in(owner_of(self.certificate))
        assert 'name="take_totals"' in browser.get(address).text
        browser.post(address, {"headcount": "40", "agent_kind": "none", "take_totals": "1"})
        application.refresh_from_db()
        figures = (
            application.headcount,
            application.service_management_headcount,
            application.managers_trained,
        )
        assert figures == (55, 12, 3)
        assert 'name="take_totals"' not in browser.get(address).text


class TestChoosing(OneCertificate):
    def address(self) -> str:
        return reverse("applications:begin", args=[self.certificate.organisation_id])

    def test_what_is_not_possible_is_grey_with_its_reason(self):
        text = signed_in(owner_of(self.certificate)).get(self.address()).text
        assert text.count('name="kind"') == 3
        assert f"certificate {self.certificate.number} stands" in text
        assert 'aria-describedby="why-initial"' in text

    def test_the_chosen_kind_begins_in_its_first_section(self):
        answer = signed_in(owner_of(self.certificate)).post(self.address(), {"kind": "upgrade"})
        application = Application.objects.get(kind=K.UPGRADE)
        assert answer["Location"] == reverse(
            "applications:section", args=[application.case.reference, "change"]
        )

    def test_an_impossible_kind_is_refused_and_begins_nothing(self):
        answer = signed_in(owner_of(self.certificate)).post(self.address(), {"kind": "recertification"})
        assert answer.status_code == 409
        assert "can be applied for from" in answer.text
        assert not Application.objects.filter(kind=K.RECERTIFICATION).exists()

    def test_an_unknown_kind_is_refused(self):
        answer = signed_in(owner_of(self.certificate)).post(self.address(), {"kind": "surveillance"})
        assert answer.status_code == 422

    def test_a_stranger_learns_nothing(self):
        assert signed_in(make_user()).get(self.address()).status_code == 404
        assert signed_in(make_user()).post(self.address(), {"kind": "upgrade"}).status_code == 404

    def test_staff_begin_nothing(self):
        answer = signed_in(make_user(Role.REVIEWER)).post(self.address(), {"kind": "upgrade"})
        assert answer["Location"] == reverse("desk")

    def test_a_second_press_leads_to_the_application_that_began(self):
        browser = signed_in(owner_of(self.certificate))
        for _press in range(2):
            answer = browser.post(self.address(), {"kind": "upgrade"})
        assert Application.objects.filter(kind=K.UPGRADE).count() == 1
        reference = Application.objects.get(kind=K.UPGRADE).case.reference
        assert answer["Location"] == reverse("applications:overview", args=[reference])


def test_every_kind_asks_only_fields_that_its_sections_have():
    assert set(ASKED) == set(ApplicationKind)
    for asked in ASKED.values():
        for section, names in asked.sections.items():
            assert set(names) <= set(FIELDS.get(section, ()) + FIELDS_BESIDE.get(section, ()))


def test_the_highest_grade_cannot_be_raised(db):
    certificate = issued_certificate(signed_decision(released_case(grade="star5")))
    assert "has the highest grade already" in reasons(certificate)[K.UPGRADE]


def test_whoever_holds_no_certificate_can_only_be_certified_or_transfer():
    choices = choices_of(situation_of(make_organisation(make_user()), SCHEME))
    assert {choice.kind for choice in choices if choice.is_possible} == {K.INITIAL, K.TRANSFER}


@pytest.mark.parametrize("kind", [K.SCOPE_CHANGE, K.DATA_CHANGE, K.UPGRADE])
def test_a_change_begins_with_what_the_certificate_prints(certificate, kind):
    application = begin(certificate, kind)
    held = standing_certificate_of(certificate.organisation, SCHEME)
    case = application.case
    assert (case.kind, case.cycle, case.previous_id) == (
        CaseKind.CHANGE,
        certificate.cycle,
        certificate.case_id,
    )
    assert subject_of(application) == held
    assert ApplicationSubject.objects.get(application=application).certificate == certificate
    assert (application.scope, application.scope_en) == (held.scope, held.scope_en)
    assert [site.name for site in application.sites.all()] == [site.name for site in held.sites]
    assert application.sites.get().is_head_office
    assert application.requested_change.name == held.name
