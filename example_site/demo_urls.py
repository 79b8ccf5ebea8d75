"""Addresses that exist only while DEBUG is on."""

from django.urls import path

from example_site import views

urlpatterns = [
    path("mail/", views.mail_list, name="demo_mail"),
    path("mail/run-due/", views.run_due, name="demo_run_due"),
    path("mail/<slug:name>/", views.mail_detail, name="demo_mail_detail"),
    path("mail/<slug:name>/html/", views.mail_html, name="demo_mail_html"),
]
