"""URLs of setting up."""

from django.urls import path

from hms.setup import views

app_name = "setup"
urlpatterns = [
    path("begin/<str:token>/", views.begin, name="begin"),
    path("hospital/", views.hospital, name="hospital"),
    path("departments/", views.departments, name="departments"),
    path("doctor/", views.doctor, name="doctor"),
    path("done/", views.done, name="done"),
]
