"""Who came: doors, scans, admissions, and joins of the online room."""
