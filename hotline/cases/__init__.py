"""The work of helping one person: coded facts, levels with reasons, notes, the way to a close."""
