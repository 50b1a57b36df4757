"""What people may ask of their data, over all domains below."""
