"""What people type, understood: pure functions over word lists that are handed in."""
