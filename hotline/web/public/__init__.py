"""Pages for everybody: start, sign-in, privacy, health, and the telephone of the demonstration."""
