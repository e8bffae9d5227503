from django.urls import path

from certbody.web.lists import views

urlpatterns = [
    path("desk/filters/", views.filters, name="filters"),
    path("desk/filters/new/<slug:key>/", views.new_filter, name="filter_new"),
    path("desk/filters/<int:pk>/", views.edit_filter, name="filter"),
    path("desk/filters/<int:pk>/delete/", views.delete_filter, name="filter_delete"),
    path("desk/lists/<slug:key>/<slug:action>/", views.bulk, name="list_action"),
]
