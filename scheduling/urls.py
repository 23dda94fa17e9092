"""URLs of scheduling."""

from django.urls import path

from scheduling.views import appointments, hours

app_name = "scheduling"
urlpatterns = [
    path("book/", appointments.appointment_detail, name="booking-departments"),
    path("appointments/<id:pk>/", appointments.appointment_detail, name="appointment-detail"),
    path("doctors/<id:pk>/hours/", hours.hours_list, name="hours-list"),
    path("doctors/<id:pk>/hours/new/", hours.hours_create, name="hours-create"),
    path("hours/<id:pk>/edit/", hours.hours_edit, name="hours-edit"),
    path("hours/<id:pk>/delete/", hours.hours_delete, name="hours-delete"),
    path("doctors/<id:pk>/extra-dates/new/", hours.extra_create, name="extra-create"),
    path("extra-dates/<id:pk>/edit/", hours.extra_edit, name="extra-edit"),
    path("extra-dates/<id:pk>/delete/", hours.extra_delete, name="extra-delete"),
    path("doctors/<id:pk>/time-off/new/", hours.timeoff_create, name="timeoff-create"),
    path("time-off/<id:pk>/edit/", hours.timeoff_edit, name="timeoff-edit"),
    path("time-off/<id:pk>/delete/", hours.timeoff_delete, name="timeoff-delete"),
]
