"""Addresses of the till."""

from django.urls import path

from example_site.shop import views

urlpatterns = [
    path("", views.till, name="till"),
    path("orders/", views.order_list, name="till_orders"),
    path("orders/<int:number>/", views.order_detail, name="till_order"),
    path("orders/<int:number>/refund/", views.order_refund, name="till_refund"),
    path("orders/<int:number>/cancel/", views.order_cancel, name="till_cancel"),
]
