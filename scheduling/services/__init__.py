"""Every write of scheduling."""

from scheduling.services.care import refresh_care

__all__ = ["refresh_care"]
