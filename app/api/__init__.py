"""The machine's face: how JSON endpoints are described, and what they answer when something is wrong."""
