"""URLs of records."""

from django.urls import path

from records.views import allergies, breakglass, chart, encounters, exports, grants, lists, mydata, reports, visits

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
    path("encounters/unfinished/", visits.unfinished_list, name="unfinished-list"),
    path("encounters/<id:pk>/", encounters.encounter_detail, name="encounter-detail"),
    path("encounters/<id:pk>/amend/", encounters.encounter_amend, name="encounter-amend"),
    path("visits/", visits.visit_list, name="visit-list"),
    path("break-glass/", breakglass.break_glass_list, name="break-glass-list"),
    path("break-glass/new/", breakglass.break_glass_create, name="break-glass-create"),
    path("break-glass/<id:pk>/end/", breakglass.break_glass_end, name="break-glass-end"),
    path("break-glass/<id:pk>/review/", breakglass.break_glass_review, name="break-glass-review"),
    path("grants/", grants.grant_list, name="grant-list"),
    path("grants/new/", grants.grant_create, name="grant-create"),
    path("grants/<id:pk>/", grants.grant_detail, name="grant-detail"),
    path("grants/<id:pk>/confirm/", grants.grant_confirm, name="grant-confirm"),
    path("grants/<id:pk>/revoke/", grants.grant_revoke, name="grant-revoke"),
    path("granted/", grants.granted_list, name="granted-list"),
    path("my-data/", mydata.my_data, name="my-data"),
    path("my-data/copy/", mydata.copy_create, name="copy-create"),
    path("reports/", reports.report_list, name="report-list"),
    path("reports/new/", reports.report_create, name="report-create"),
    path("reports/<month:month>/", reports.report_month, name="report-month"),
    path("reports/<id:pk>/", reports.report_detail, name="report-detail"),
    path("reports/<id:pk>/pdf/", reports.report_pdf, name="report-pdf"),
    path("reports/<id:pk>/rows/<str:figure>/", reports.report_rows, name="report-rows"),
    path("exports/", exports.export_list, name="export-list"),
    path("exports/new/", exports.export_create, name="export-create"),
    path("exports/appointments/new/", lists.export_appointments, name="export-appointments"),
    path("exports/doctors/new/", lists.export_doctors, name="export-doctors"),
    path("exports/patients/new/", lists.export_patients, name="export-patients"),
    path("exports/<id:pk>/", exports.export_detail, name="export-detail"),
    path("exports/<id:pk>/cancel/", exports.export_cancel, name="export-cancel"),
    path("exports/<id:pk>/download/", exports.export_download, name="export-download"),
]
