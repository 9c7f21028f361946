"""Flows as data, and the pure engine that plays them."""
