"""Addresses of disputes."""

from django.urls import path

from jiean.disputes.pages import desk, dispute, joint, mediators, own, papers, posts, safety

app_name = "disputes"
urlpatterns = [
    path("disputes", desk.disputes, name="list"),
    path("disputes/new", desk.entry, name="entry"),
    path("disputes/overview", desk.overview, name="overview"),
    path("disputes/joint/<int:joined_id>", joint.joining, name="joining"),
    path("disputes/flags", safety.flags, name="flags"),
    path("disputes/<int:dispute_id>/flag/words", dispute.open_flag, name="flag-words"),
    path("disputes/<int:dispute_id>/protection/<int:protection_id>/end", safety.end_step, name="end-step"),
    path("disputes/rules", desk.rules, name="rules"),
    path("disputes/rules/<int:rule_id>/drop", desk.drop_rule, name="drop-rule"),
    path("disputes/mediators", mediators.register, name="mediators"),
    path("disputes/mediators/teams", mediators.team_page, name="teams"),
    path("disputes/mediators/import", mediators.upload, name="mediators-import"),
    path("disputes/mediators/import/template", mediators.template, name="mediators-template"),
    path("disputes/mediators/import/<int:draft_id>", mediators.preview, name="mediators-draft"),
    path("disputes/mediators/certificate/<int:certificate_id>/drop", mediators.drop_paper, name="certificate-drop"),
    path("disputes/mediators/<int:account_id>", mediators.profile, name="mediator"),
    path("disputes/mediators/<int:account_id>/certificate", mediators.add_paper, name="certificate"),
    path("disputes/posts", posts.posts, name="posts"),
    path("disputes/posts/<int:post_id>", posts.post_page, name="post"),
    path("disputes/posts/<int:post_id>/wall", posts.wall, name="post-wall"),
    path("disputes/posts/<int:post_id>/take", posts.take, name="post-take"),
    path("disputes/posts/<int:post_id>/call", posts.call, name="post-call"),
    path("disputes/posts/<int:post_id>/duty", posts.add_duty, name="post-duty"),
    path("disputes/posts/<int:post_id>/<int:ticket_id>/end", posts.end, name="post-end"),
    path("post/<slug:code>", posts.public_post, name="public-post"),
    path("disputes/<int:dispute_id>", dispute.dispute_page, name="dispute"),
    path("disputes/<int:dispute_id>/party/<int:party_id>", dispute.open_party, name="party"),
    path("disputes/<int:dispute_id>/party/<int:party_id>/slip", dispute.slip, name="slip"),
    path("disputes/<int:dispute_id>/talk/<int:talk_id>", dispute.open_talk, name="talk"),
    path("disputes/<int:dispute_id>/paper/<int:paper_id>", papers.paper, name="paper"),
    path("disputes/<int:dispute_id>/paper/<int:paper_id>/sign", papers.sign, name="sign"),
    path("disputes/<int:dispute_id>/paper/<int:paper_id>.<slug:form>", papers.paper_file, name="paper-file"),
    path("disputes/<int:dispute_id>/ranked", dispute.ranked, name="ranked"),
    path("disputes/<int:dispute_id>/<slug:name>", dispute.deed, name="deed"),
    path("paper/<slug:token>", papers.check, name="check"),
    path("dispute", own.track, name="track"),
    path("dispute/<slug:number>", own.own_page, name="own"),
    path("dispute/<slug:number>/paper/<int:paper_id>", papers.own_file, name="own-paper"),
    path("dispute/<slug:number>/<slug:name>", own.own_deed, name="own-deed"),
]
