"""Addresses of the law."""

from django.urls import path

from jiean.law import pages

app_name = "law"
urlpatterns = [
    path("law", pages.ask, name="ask"),
    path("law/<int:article_id>", pages.article, name="article"),
    path("law/<int:article_id>/answers", pages.teach, name="teach"),
]
