"""Stop Traffic 189: a hotline on Telegram and SMS."""
