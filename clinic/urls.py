"""URLs of clinic."""

from django.urls import path

from clinic.views import consents, departments, doctors, own, patients, pictures

app_name = "clinic"
urlpatterns = [
    path("departments/", departments.department_list, name="department-list"),
    path("departments/new/", departments.department_create, name="department-create"),
    path("departments/<id:pk>/", departments.department_detail, name="department-detail"),
    path("departments/<id:pk>/edit/", departments.department_edit, name="department-edit"),
    path("departments/<id:pk>/retire/", departments.department_retire, name="department-retire"),
    path("departments/<id:pk>/restore/", departments.department_restore, name="department-restore"),
    path("departments/<id:pk>/delete/", departments.department_delete, name="department-delete"),
    path("doctors/manage/", doctors.doctor_manage, name="doctor-manage"),
    path("doctors/new/", doctors.doctor_create, name="doctor-create"),
    path("doctors/<id:pk>/edit/", doctors.doctor_edit, name="doctor-edit"),
    path("doctors/<id:pk>/retire/", doctors.doctor_retire, name="doctor-retire"),
    path("doctors/<id:pk>/restore/", doctors.doctor_restore, name="doctor-restore"),
    path("doctors/<id:pk>/delete/", doctors.doctor_delete, name="doctor-delete"),
    path("doctors/<id:pk>/photo/", pictures.doctor_photo, name="doctor-photo"),
    path("patients/", patients.patient_list, name="patient-list"),
    path("patients/new/", patients.patient_create, name="patient-create"),
    path("patients/<id:pk>/", patients.patient_detail, name="patient-detail"),
    path("patients/<id:pk>/edit/", patients.patient_edit, name="patient-edit"),
    path("patients/<id:pk>/consents/", consents.patient_consents, name="patient-consents"),
    path("hospital/", own.hospital_edit, name="hospital-edit"),
    path("hospital/logo/", pictures.hospital_logo, name="hospital-logo"),
    path("profile/", own.profile_edit, name="profile-edit"),
]
