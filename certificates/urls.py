from django.urls import path

from certificates.api import api
from certificates.views import client, letters, public, renewals, staff

urlpatterns = [
    path("desk/panels/", staff.panels, name="panels"),
    path("desk/panels/<int:pk>/", staff.panel, name="panel"),
    path("desk/cases/<str:reference>/panel/", staff.panel_open, name="panel_open"),
    path("desk/decisions/", staff.decisions, name="decisions"),
    path("desk/decisions/<int:pk>/", staff.decision, name="decision"),
    path("desk/decisions/<int:pk>/issue/", staff.decision_issue, name="decision_issue"),
    path("desk/certificates/", staff.certificates, name="certificates"),
    path("desk/certificates/<int:pk>/", staff.certificate, name="certificate"),
    path("desk/certificates/<int:pk>/letter/", letters.ask, name="certificate_letter"),
    path("desk/renewals/", renewals.renewals, name="renewals"),
    path("portal/certificates/<int:pk>/letter/", letters.ask_as_client, name="portal_letter"),
    path("portal/certificates/", client.certificates, name="portal_certificates"),
    path("portal/certificates/<int:pk>/", client.certificate, name="portal_certificate"),
    path("register/", public.register, name="register"),
    path("register/<str:number>/", public.certificate, name="register_certificate"),
    path("c/<str:number>", public.short_address, name="short_address"),
    path("api/v1/", api.urls),
]
