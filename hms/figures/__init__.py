"""The hospital in figures: a page of charts for administrators, and the rows behind them.

What is counted comes from records.tallies and records.figures; here it is grouped, worded and linked.
"""
