"""URLs of clinic."""

app_name = "clinic"
urlpatterns = []
