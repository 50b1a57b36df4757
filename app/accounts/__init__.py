"""People who work with Lectern, their organizations, and what each may do."""
