"""Secrets that can be said again, forged requests refused, headers that keep pages to themselves."""
