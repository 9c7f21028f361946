"""The other hand and the clock: sending, timers, catching up, files. Ticks only; rows are truth."""
