"""What a case carries in the words of HTCDS 2.0: proposed by the bot, decided by a counsellor."""
