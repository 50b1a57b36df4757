"""What there is to sign up for: events, their sessions, places and seats on offer."""
