"""Who did what, in the transaction of the deed. Rows carry ids and codes; never what was said."""
