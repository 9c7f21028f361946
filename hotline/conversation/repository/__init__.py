"""SQL of conversations, one file a subject."""
