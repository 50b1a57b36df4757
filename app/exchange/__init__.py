"""Data that comes in from a file, such as the demo's."""
