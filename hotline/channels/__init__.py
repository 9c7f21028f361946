"""Ways in and out: Telegram, SMS, and the simulator. A third channel is a new file."""
