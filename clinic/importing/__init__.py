"""Lists of doctors and patients that a hospital brings: what their columns mean, and whom their rows are about."""
