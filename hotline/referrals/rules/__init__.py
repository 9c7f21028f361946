"""What may happen to a referral, and what may be shown of it. Pure."""
