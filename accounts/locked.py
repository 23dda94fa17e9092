"""The page of who tried too often."""

from django.shortcuts import render


def page(request, *, seconds, codes=False):
    """429 with the way back in: a new password by mail, or for `codes` of a second factor a little patience."""
    context = {"minutes": seconds // 60, "codes": codes}
    answer = render(request, "accounts/locked.html", context, status=429)
    answer.headers["Retry-After"] = str(seconds)
    return answer
