"""URLs of scheduling."""

app_name = "scheduling"
urlpatterns = []
