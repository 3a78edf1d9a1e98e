"""Addresses of the vault's pages."""

from django.urls import path

from jiean.vault.pages import glass, lookups, prove

app_name = "vault"
urlpatterns = [
    path("prove", prove.prove, name="prove"),
    path("person", lookups.person, name="person"),
    path("look-ups", lookups.look_ups, name="look-ups"),
    path("look-ups/<int:question_id>", lookups.answer, name="answer-look-ups"),
    path("glass", glass.glass, name="glass"),
    path("glass/<int:glass_id>", glass.glass_matter, name="glass-matter"),
    path("glass/review", glass.glasses, name="glasses"),
    path("glass/<int:glass_id>/review", glass.review, name="review-glass"),
]
