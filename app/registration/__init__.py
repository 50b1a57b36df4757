"""Who comes: contacts, registrations, seats."""
