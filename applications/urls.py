from django.urls import path

from applications.views import (
    client,
    invitations,
    invoices,
    members,
    organisations,
    payments,
    portal_invoices,
    review,
    rows,
    sections,
    serving,
    staff,
)

app_name = "applications"

_portal = "portal/applications/<str:reference>/"
_people = "portal/organisations/<int:pk>/people/"
_desk = "desk/applications/<str:reference>/"

urlpatterns = [
    path("portal/organisations/new/", organisations.create, name="organisation_new"),
    path("portal/organisations/join/", organisations.join, name="organisation_join"),
    path("portal/organisations/<int:pk>/", organisations.edit, name="organisation"),
    path(_people, members.member_list, name="members"),
    path(f"{_people}<int:membership>/role/", members.change_role, name="member_role"),
    path(f"{_people}<int:membership>/end/", members.end, name="member_end"),
    path(f"{_people}invitations/<int:invitation>/again/", members.send_again, name="invitation_again"),
    path(f"{_people}invitations/<int:invitation>/revoke/", members.revoke, name="invitation_revoke"),
    # under accounts/, where no log keeps the address: it holds a secret
    path("accounts/invitation/", invitations.invitation, name="invitation"),
    path("accounts/invitation/<str:token>/", invitations.link, name="invitation_link"),
    path("desk/organisations/<int:pk>/owner/", serving.owner, name="desk_owner"),
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
    path("desk/applications/next/", review.next_application, name="desk_next"),
    path(_desk, review.application, name="desk"),
    path(f"{_desk}items/<slug:key>/", review.review_item, name="desk_item"),
    path(f"{_desk}quote/", staff.make_quote, name="desk_quote"),
    path("desk/contracts/", staff.contract_list, name="desk_contracts"),
    path("desk/contracts/<str:number>/", staff.contract, name="desk_contract"),
    path("portal/invoices/", portal_invoices.invoices, name="portal_invoices"),
    path("portal/invoices/<str:number>/", portal_invoices.invoice, name="portal_invoice"),
    path("portal/organisations/<int:pk>/account/", portal_invoices.statement, name="portal_account"),
    path("portal/organisations/<int:pk>/invoice-title/", portal_invoices.title, name="portal_title"),
    path("desk/invoices/", invoices.invoice_list, name="desk_invoices"),
    path("desk/invoices/<int:pk>/", invoices.invoice, name="desk_invoice"),
    path("desk/contracts/<str:number>/invoice/", invoices.new, name="invoice_new"),
    path("desk/revenue/", invoices.revenue, name="desk_revenue"),
    path("desk/payments/", payments.payments, name="desk_payments"),
    path("desk/payments/confirm/", payments.confirm, name="desk_payments_confirm"),
    path("desk/payments/statements/<int:pk>/", payments.statement, name="desk_statement"),
    path("desk/payments/lines/<int:pk>/", payments.match, name="desk_bank_line"),
]
