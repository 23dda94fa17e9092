"""URLs of scheduling."""

from django.urls import path

from scheduling.views import appointments

app_name = "scheduling"
urlpatterns = [
    path("book/", appointments.appointment_detail, name="booking-departments"),
    path("appointments/<id:pk>/", appointments.appointment_detail, name="appointment-detail"),
]
