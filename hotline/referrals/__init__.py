"""A case, or part of it, offered to a partner: states, consent, packets, deadlines."""
