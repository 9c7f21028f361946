"""All that is said with one contact: taking in, playing a turn, the queue, the operator's hand."""
