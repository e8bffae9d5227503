from django.urls import path

from certbody.files.views import pieces, private

app_name = "files"
urlpatterns = [
    path("files/uploads/", pieces.begin, name="upload_begin"),
    path("files/uploads/<uuid:pk>/", pieces.show, name="upload"),
    path("files/uploads/<uuid:pk>/piece/", pieces.piece, name="upload_piece"),
    path("files/uploads/<uuid:pk>/cancel/", pieces.cancel, name="upload_cancel"),
    path("files/<uuid:pk>/", private.download, name="download"),
    path("files/<uuid:pk>/preview/", private.preview, name="preview"),
]
