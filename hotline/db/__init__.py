"""Tables, and the one place where a transaction opens and closes."""
