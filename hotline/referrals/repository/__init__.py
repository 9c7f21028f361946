"""Rows of referrals, offers, consents, packets, timers and the directory."""
