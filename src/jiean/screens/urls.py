"""Addresses of the screens."""

from django.urls import path

from jiean.screens.look import choose_look
from jiean.screens.place import place_page, poster
from jiean.screens.search import search

app_name = "screens"
urlpatterns = [
    path("look", choose_look, name="look"),
    path("q", search, name="search"),
    path("place/<int:premises_id>", place_page, name="place"),
    path("place/<int:premises_id>/poster", poster, name="place-poster"),
]
