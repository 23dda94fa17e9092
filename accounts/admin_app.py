"""Puts our administration site in the place of Django's own."""

from django.contrib.admin.apps import AdminConfig


class HmsAdminConfig(AdminConfig):
    """In INSTALLED_APPS in the place of django.contrib.admin."""

    default_site = "accounts.admin_site.HmsAdminSite"
