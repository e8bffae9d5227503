from django.urls import path

from certbody.body.views import authorisations, staff

urlpatterns = [
    path("desk/scoring-tables/", staff.scoring_tables, name="scoring_tables"),
    path("desk/scoring-tables/begin/", staff.begin_scoring_table, name="scoring_table_begin"),
    path("desk/scoring-tables/<int:pk>/", staff.scoring_table, name="scoring_table"),
    path("desk/scoring-tables/<int:pk>/file/", staff.scoring_table_file, name="scoring_table_file"),
    path("desk/authorisations/", authorisations.authorisation_list, name="authorisations"),
    path("desk/authorisations/<int:pk>/end/", authorisations.end_authorisation, name="end_authorisation"),
    path("desk/settings/", staff.body_settings, name="body_settings"),
    path("desk/settings/<slug:key>/", staff.body_setting, name="body_setting"),
]
