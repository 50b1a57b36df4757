"""The organizer's pages: views only, imported by nobody."""
