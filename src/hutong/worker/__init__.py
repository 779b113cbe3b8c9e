"""What happens behind the scenes: the outbox relay, fact subscribers and schedules."""
