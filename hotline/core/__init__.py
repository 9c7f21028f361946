"""Pure vocabulary shared by every other package: no input, no output, no clock."""
