from django.urls import path

from certbody.trail import views

urlpatterns = [
    path("trail/", views.checkpoint, name="checkpoint"),
    path("trail/checkpoint.json", views.checkpoint_file, name="checkpoint_file"),
]
