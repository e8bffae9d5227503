from django.urls import include, path
from django.views.generic import TemplateView

from certbody.accounts.admin_site import admin_site
from certbody.desk import views as desk
from certbody.web import health, views
from certbody.web.jobs import job_progress
from certbody.web.steps import step_view

urlpatterns = [
    path("", views.home, name="home"),
    path("privacy/", views.privacy, name="privacy"),
    path("home/", views.own_home, name="own_home"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin_site.urls),
    path("steps/<slug:aggregate>/<int:pk>/<slug:name>/", step_view, name="step"),
    path("jobs/<int:pk>/", job_progress, name="job_progress"),
    path("desk/", desk.desk_home, name="desk"),
    path("desk/search/", desk.desk_search, name="desk_search"),
    path("desk/cases/<str:reference>/", desk.desk_case, name="desk_case"),
    path("portal/", desk.portal_home, name="portal"),
    path("portal/cases/<str:reference>/", desk.portal_case, name="portal_case"),
    path("demo/mail/", desk.demo_mail, name="demo_mail"),
    path("", include("certbody.files.urls")),
    path("", include("certbody.web.lists.urls")),
    path("", include("certbody.guide.urls")),
    path("", include("certbody.body.urls")),
    path("", include("certbody.trail.urls")),
    path("", include("applications.urls")),
    path("", include("applications.urls.self_assessment")),
    path("", include("audits.urls")),
    path("", include("certificates.urls")),
    path(
        "robots.txt",
        TemplateView.as_view(template_name="robots.txt", content_type="text/plain"),
        name="robots",
    ),
]

handler400 = "certbody.web.errors.bad_request"
handler403 = "certbody.web.errors.forbidden"
handler404 = "certbody.web.errors.not_found"
handler500 = "certbody.web.errors.server_error"
