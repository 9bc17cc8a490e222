"""A tenant file begun from a look at both systems.

Look at each system → facts → the file's text. What could not be found out is a question in the file; a guess
is marked as one and says why.
"""
