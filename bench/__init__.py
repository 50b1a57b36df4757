"""What we promise about speed, measured beside a floor in the same run: `python -m bench --help`."""
