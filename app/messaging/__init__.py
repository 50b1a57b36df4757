"""Side effects: the outbox, and the worker that carries it out."""
