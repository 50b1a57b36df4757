"""What `make` runs: installing, serving the demo, and checking the repository. The app imports none of it."""
