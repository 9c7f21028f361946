"""Things people on duty must do: undelivered lines, broken promises, deadlines, failed messages."""
