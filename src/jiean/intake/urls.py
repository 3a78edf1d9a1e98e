"""Addresses of intake."""

from django.urls import path, re_path

from jiean.intake.pages import deeds, desk, issues, models, offline, own, report, rights, tracking

app_name = "intake"
urlpatterns = [
    path("report", report.report, name="report"),
    path("report/p/<slug:token>", report.report, name="report-here"),
    path("report/offline", offline.offline, name="offline"),
    path("sw.js", offline.worker, name="worker"),
    path("report/similar", report.similar, name="similar"),
    path("report/done/<slug:number>", report.done, name="done"),
    path("how-triage-decides", tracking.how, name="how"),
    path("track", tracking.track, name="track"),
    path("track/<slug:number>", tracking.tracked_page, name="tracked"),
    path("track/<slug:number>/photo/<int:photo_id>", tracking.own_photo, name="own-photo"),
    path("track/<slug:number>/data", own.own_data, name="own-data"),
    path("track/<slug:number>/data/<slug:kind>", own.own_file, name="own-file"),
    path("track/<slug:number>/ask/<slug:kind>", own.ask, name="ask-rights"),
    path("track/<slug:number>/<slug:deed>", tracking.follow, name="follow"),
    path("desk", desk.queue, name="desk"),
    path("desk/new", desk.entry, name="entry"),
    path("desk/hot", issues.issues, name="issues"),
    path("desk/hot/<int:issue_id>/<slug:deed>", issues.judge, name="judge-issue"),
    path("desk/model", models.models, name="models"),
    path("desk/model/choose", models.choose_model, name="choose-model"),
    path("desk/caller", desk.caller, name="caller"),
    re_path(r"^desk/export\.(?P<kind>csv|xlsx)$", desk.export, name="export"),
    path("rights", rights.rights, name="rights"),
    path("rights/<int:request_id>", rights.answer_rights, name="answer-rights"),
    path("desk/<int:report_id>", desk.report_page, name="report-page"),
    path("desk/<int:report_id>/merge", deeds.merge, name="merge"),
    path("desk/<int:report_id>/apart", issues.apart, name="apart"),
    path("desk/<int:report_id>/contact", deeds.contact, name="contact"),
    path("desk/<int:report_id>/photo/<int:photo_id>", desk.photo, name="photo"),
    path("desk/<int:report_id>/<slug:name>", deeds.deed, name="deed"),
]
