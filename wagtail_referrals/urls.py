from django.urls import path

from .pages.collateral import send, take
from .pages.introduction import introduction
from .pages.mail_settings import mail_settings, not_me, off
from .pages.me import my_link_sent, my_page, renew_my_link
from .pages.own_page import (
    edit_profile,
    open_invitation,
    own_code,
    own_page,
    renew_link,
    renewed,
)
from .pages.views import follow_link, receive_form
from .pages.withdraw import withdraw

app_name = "wagtail_referrals"

urlpatterns = [
    path("r/<str:code>/", follow_link, name="link"),
    path("partner/", renew_link, name="partner_renew"),
    path("partner/sent/", renewed, name="partner_renewed"),
    path("partner/join/<str:token>/", open_invitation, name="partner_join"),
    path("partner/<str:token>/", own_page, name="partner"),
    path("partner/<str:token>/edit/", edit_profile, name="partner_edit"),
    path("partner/<str:token>/code.svg", own_code, name="partner_code"),
    path("me/", renew_my_link, name="me_renew"),
    path("me/sent/", my_link_sent, name="me_sent"),
    path("me/<str:token>/", my_page, name="me"),
    path("collateral/<int:key>/", take, name="collateral"),
    path("collateral/<int:key>/send/", send, name="collateral_send"),
    path("collateral/<str:key>/", take, name="collateral"),
    path("collateral/<str:key>/send/", send, name="collateral_send"),
    path("withdraw/<str:key>/", withdraw, name="withdraw"),
    path("introduction/<str:token>/", introduction, name="introduction"),
    path("mail/<str:token>/", mail_settings, name="mail"),
    path("mail/<str:token>/off/", off, name="mail_off"),
    path("mail/<str:token>/not-me/", not_me, name="mail_not_me"),
    path("post/<int:content_type_id>/<int:page_id>/", receive_form, name="post"),
    path("post/<int:content_type_id>/<int:page_id>/<str:code>/", receive_form, name="post"),
]
