"""HMS: a hospital management system for outpatient care."""

__version__ = "0.1.0"
