"""What happens by itself, for those who watch over it: schedules, runs, queues, what failed."""
