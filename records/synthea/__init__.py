"""Taking over patients, doctors and their past from a Synthea CSV export."""
