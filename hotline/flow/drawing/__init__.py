"""A flow as a picture: what stands in it, where it stands, and the SVG. Pure."""
