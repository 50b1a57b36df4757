"""How a data file becomes rows, a module for each part of it; `exchange.operations.load_data` runs them."""
