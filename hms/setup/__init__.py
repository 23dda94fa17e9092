"""Setting up a new hospital, from the link to the first time that can be booked. Each step is a page of its own."""
