"""Addresses of disputes."""

from django.urls import path

from jiean.disputes.pages import desk, dispute, own, papers

app_name = "disputes"
urlpatterns = [
    path("disputes", desk.disputes, name="list"),
    path("disputes/new", desk.entry, name="entry"),
    path("disputes/overview", desk.overview, name="overview"),
    path("disputes/rules", desk.rules, name="rules"),
    path("disputes/rules/<int:rule_id>/drop", desk.drop_rule, name="drop-rule"),
    path("disputes/<int:dispute_id>", dispute.dispute_page, name="dispute"),
    path("disputes/<int:dispute_id>/party/<int:party_id>", dispute.open_party, name="party"),
    path("disputes/<int:dispute_id>/party/<int:party_id>/slip", dispute.slip, name="slip"),
    path("disputes/<int:dispute_id>/talk/<int:talk_id>", dispute.open_talk, name="talk"),
    path("disputes/<int:dispute_id>/paper/<int:paper_id>", papers.paper, name="paper"),
    path("disputes/<int:dispute_id>/paper/<int:paper_id>/sign", papers.sign, name="sign"),
    path("disputes/<int:dispute_id>/paper/<int:paper_id>.<slug:form>", papers.paper_file, name="paper-file"),
    path("disputes/<int:dispute_id>/<slug:name>", dispute.deed, name="deed"),
    path("paper/<slug:token>", papers.check, name="check"),
    path("dispute", own.track, name="track"),
    path("dispute/<slug:number>", own.own_page, name="own"),
    path("dispute/<slug:number>/paper/<int:paper_id>", papers.own_file, name="own-paper"),
    path("dispute/<slug:number>/<slug:name>", own.own_deed, name="own-deed"),
]
