"""What every domain stands on: database, clock, errors, security, languages, audit."""
