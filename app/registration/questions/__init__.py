"""Questions: an organization's library, what an event asks of it, and what people answer."""
