"""What must go out: rows written with the turn, sent by another hand, in order per contact."""
