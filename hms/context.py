"""What every page shows."""


def page(request):
    return {"hospital": getattr(request, "hospital", None)}
