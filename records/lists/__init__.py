"""Lists of the hospital's rows as files: which rows, which columns, and how the lines are made."""
