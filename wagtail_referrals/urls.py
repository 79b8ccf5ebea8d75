from django.urls import path

from .pages.collateral import send, take
from .pages.friend_mail import decline_mail, write_to_a_friend
from .pages.introduction import introduction
from .pages.mail_settings import mail_settings, not_me, off
from .pages.me import my_coupon, my_link_sent, my_page, renew_my_link
from .pages.me_changes import confirm_change, download_data, join
from .pages.own_page import (
    edit_profile,
    open_invitation,
    own_code,
    own_page,
    renew_link,
    renewed,
)
from .pages.share_files import share_beacon, share_cards, share_qr
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
    path("me/join/<str:token>/", join, name="me_join"),
    path("me/confirm/<str:token>/", confirm_change, name="me_confirm"),
    path("me/confirm/<str:token>/data.<str:kind>", download_data, name="me_data"),
    path("me/<str:token>/", my_page, name="me"),
    path("me/<str:token>/coupon/<int:pk>/", my_coupon, name="me_coupon"),
    path("me/<str:token>/friend/", write_to_a_friend, name="me_friend"),
    path("friend/<str:token>/", decline_mail, name="friend_off"),
    path("collateral/<int:key>/", take, name="collateral"),
    path("collateral/<int:key>/send/", send, name="collateral_send"),
    path("collateral/<str:key>/", take, name="collateral"),
    path("collateral/<str:key>/send/", send, name="collateral_send"),
    path("share/<str:token>/code.<str:kind>", share_qr, name="share_qr"),
    path("share/<str:token>/cards/", share_cards, name="share_cards"),
    path("share/<str:code>/<str:channel>/", share_beacon, name="share_beacon"),
    path("withdraw/<str:key>/", withdraw, name="withdraw"),
    path("introduction/<str:token>/", introduction, name="introduction"),
    path("mail/<str:token>/", mail_settings, name="mail"),
    path("mail/<str:token>/off/", off, name="mail_off"),
    path("mail/<str:token>/not-me/", not_me, name="mail_not_me"),
    path("post/<int:content_type_id>/<int:page_id>/", receive_form, name="post"),
    path("post/<int:content_type_id>/<int:page_id>/<str:code>/", receive_form, name="post"),
]
