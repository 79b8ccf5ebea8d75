from django.urls import path

from tests.urls import urlpatterns as site_urlpatterns

from .views import plain_own, plain_redirect

urlpatterns = [
    path("plain/<str:code>/", plain_redirect),
    path("plain-own/", plain_own),
    *site_urlpatterns,
]
