"""URLs of scheduling."""

from django.urls import path

from scheduling.views import appointments, booking, calls, day, delays, desk, doctors, hours, many, reminders, week

app_name = "scheduling"
urlpatterns = [
    path("book/", booking.booking_departments, name="booking-departments"),
    path("book/departments/<id:pk>/", booking.booking_doctors, name="booking-doctors"),
    path("book/doctors/<id:pk>/", booking.booking_dates, name="booking-dates"),
    path("book/doctors/<id:pk>/<date:day>/", booking.booking_times, name="booking-times"),
    path("book/doctors/<id:pk>/at/<instant:starts>/", booking.booking_confirm, name="booking-confirm"),
    path("appointments/<id:pk>/", appointments.appointment_detail, name="appointment-detail"),
    path("appointments/<id:pk>/reschedule/", appointments.appointment_reschedule, name="appointment-reschedule"),
    path("appointments/<id:pk>/cancel/", appointments.appointment_cancel, name="appointment-cancel"),
    path("appointments/<id:pk>/calendar.ics", appointments.appointment_ics, name="appointment-ics"),
    path("doctors/", doctors.doctor_list, name="doctor-list"),
    path("doctors/<id:pk>/", doctors.doctor_detail, name="doctor-detail"),
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
    path("appointments/", desk.appointment_list, name="appointment-list"),
    path("appointments/cancel/", many.appointments_cancel, name="appointments-cancel"),
    path("appointments/write/", many.appointments_write, name="appointments-write"),
    path("appointments/<id:pk>/check-in/", desk.appointment_check_in, name="appointment-check-in"),
    path("appointments/<id:pk>/start/", desk.appointment_start, name="appointment-start"),
    path("appointments/<id:pk>/no-show/", desk.appointment_no_show, name="appointment-no-show"),
    path("appointments/<id:pk>/notes/", desk.appointment_notes, name="appointment-notes"),
    path("day/", day.day, name="day"),
    path("appointments/<id:pk>/call/", calls.appointment_call, name="appointment-call"),
    path("doctors/<id:pk>/delay/", delays.delay, name="delay"),
    path("calls/", calls.call_list, name="call-list"),
    path("calls/<id:pk>/undo/", calls.call_undo, name="call-undo"),
    path("reminders/<str:token>/", reminders.reminder_answer, name="reminder-answer"),
    path("week/", week.week, name="week"),
]
