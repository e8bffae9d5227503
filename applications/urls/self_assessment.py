from django.urls import path

from applications.views import self_assessment

urlpatterns = [
    path("self-assessment/", self_assessment.assess, name="self_assessment"),
    path("self-assessment/empty/", self_assessment.forget, name="self_assessment_forget"),
    path("self-assessment/keep/", self_assessment.keep, name="self_assessment_keep"),
    path("portal/self-assessments/<int:pk>/", self_assessment.kept, name="self_assessment_kept"),
    path("portal/self-assessments/<int:pk>/delete/", self_assessment.delete, name="self_assessment_delete"),
]
