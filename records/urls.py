"""URLs of records."""

from django.urls import path

from records.views import allergies, chart, encounters, exports, mydata, visits

app_name = "records"
urlpatterns = [
    path("patients/<id:pk>/chart/", chart.chart_detail, name="chart-detail"),
    path("patients/<id:pk>/history/", chart.history_edit, name="history-edit"),
    path("patients/<id:pk>/history/review/", chart.history_review, name="history-review"),
    path("patients/<id:pk>/openings/", chart.opening_list, name="opening-list"),
    path("patients/<id:pk>/allergies/new/", allergies.allergy_create, name="allergy-create"),
    path("allergies/<id:pk>/edit/", allergies.allergy_edit, name="allergy-edit"),
    path("prescriptions/<id:pk>/stop/", chart.prescription_stop, name="prescription-stop"),
    path("appointments/<id:pk>/encounter/", encounters.encounter_write, name="encounter-write"),
    path("encounters/", visits.encounter_list, name="encounter-list"),
    path("encounters/<id:pk>/", encounters.encounter_detail, name="encounter-detail"),
    path("encounters/<id:pk>/amend/", encounters.encounter_amend, name="encounter-amend"),
    path("visits/", visits.visit_list, name="visit-list"),
    path("my-data/", mydata.my_data, name="my-data"),
    path("my-data/copy/", mydata.copy_create, name="copy-create"),
    path("exports/", exports.export_list, name="export-list"),
    path("exports/new/", exports.export_create, name="export-create"),
    path("exports/<id:pk>/", exports.export_detail, name="export-detail"),
    path("exports/<id:pk>/download/", exports.export_download, name="export-download"),
]
