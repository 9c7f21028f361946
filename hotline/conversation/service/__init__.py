"""What may be done with a conversation, one file a verb family.

`receive` takes in what a provider delivers and plays turns; `lapse` does what nobody did in time;
`desk` is the operator's hand; `history` is what an operator may read.
"""
