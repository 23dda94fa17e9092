"""What stands on the first page of each role: the next thing to do first, then what is going on.

One module a role; each `page(...)` gives a template's context from a fixed number of queries.
"""
