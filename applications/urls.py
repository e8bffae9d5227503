from django.urls import path

from applications.views import client, directory, organisations, rows, sections, staff

app_name = "applications"

_portal = "portal/applications/<str:reference>/"
_desk = "desk/applications/<str:reference>/"

urlpatterns = [
    path("portal/organisations/new/", organisations.create, name="organisation_new"),
    path("portal/organisations/<int:pk>/", organisations.edit, name="organisation"),
    path("portal/organisations/<int:pk>/apply/", organisations.begin, name="begin"),
    path(_portal, client.overview, name="overview"),
    path(f"{_portal}check/", client.check, name="check"),
    path(f"{_portal}questions/", client.questions, name="questions"),
    path(f"{_portal}sites/new/", rows.add_site, name="site_new"),
    path(f"{_portal}sites/<int:pk>/", rows.site, name="site"),
    path(f"{_portal}sites/<int:pk>/remove/", rows.remove_site, name="site_remove"),
    path(f"{_portal}documents/<int:pk>/remove/", rows.remove_document, name="document_remove"),
    path(f"{_portal}documents/<slug:kind>/", rows.document, name="document"),
    path(f"{_portal}<slug:section>/", sections.section, name="section"),
    path("portal/contracts/<str:number>/", client.contract, name="contract"),
    path("desk/applications/", staff.application_list, name="desk_list"),
    path(_desk, staff.application, name="desk"),
    path(f"{_desk}items/<slug:key>/", staff.review_item, name="desk_item"),
    path(f"{_desk}quote/", staff.make_quote, name="desk_quote"),
    path("desk/organisations/", directory.organisation_list, name="desk_organisations"),
    path("desk/organisations/<int:pk>/", directory.organisation, name="desk_organisation"),
    path("desk/documents/", directory.document_list, name="desk_documents"),
    path("desk/contracts/", staff.contract_list, name="desk_contracts"),
    path("desk/contracts/<str:number>/", staff.contract, name="desk_contract"),
]
