"""Pages of clinic."""
