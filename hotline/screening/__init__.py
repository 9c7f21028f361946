"""Screening: from coded answers to a level, with every reason; pure, by the ILO lists."""
