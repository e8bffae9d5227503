from django.urls import path

from certbody.guide import views

urlpatterns = [
    path("guide/", views.guide, name="guide"),
    path("guide/<slug:slug>/", views.guide, name="guide_page"),
]
