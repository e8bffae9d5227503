from django.urls import path

from audits.views import client, people, sheet, staff

app_name = "audits"

urlpatterns = [
    path("desk/audits/", staff.audit_list, name="list"),
    path("desk/audits/open/<str:reference>/", staff.open_audit, name="open"),
    path("desk/audits/<int:pk>/", staff.detail, name="detail"),
    path("desk/audits/<int:pk>/stage1/", staff.stage1, name="stage1"),
    path("desk/audits/<int:pk>/findings/", staff.findings, name="findings"),
    path("desk/audits/<int:pk>/report/", staff.report, name="report"),
    path("desk/audits/<int:pk>/sheet/", sheet.overview, name="sheet"),
    path("desk/audits/<int:pk>/sheet/specials/", sheet.add_special, name="add_special"),
    path(
        "desk/audits/<int:pk>/sheet/specials/<int:operation>/withdraw/",
        sheet.withdraw_special,
        name="withdraw_special",
    ),
    path("desk/audits/<int:pk>/sheet/bonus/", sheet.bonus, name="bonus"),
    path("desk/audits/<int:pk>/sheet/<str:clause>/", sheet.clause, name="clause"),
    path("desk/people/", people.people_list, name="people"),
    path("desk/people/<int:pk>/", people.person, name="person"),
    path("desk/people/<int:pk>/qualifications/", people.add_qualification, name="add_qualification"),
    path(
        "desk/people/<int:pk>/qualifications/<int:qualification>/end/",
        people.end_qualification,
        name="end_qualification",
    ),
    path("desk/people/<int:pk>/interests/", people.add_interest, name="add_interest"),
    path("portal/audits/<int:pk>/", client.detail, name="client"),
]
