"""A copy of everything held about a patient: one description of what there is, as JSON and as a PDF.

`sections` says what is held and why, `shapes` how a row is told, `papers` how it reads; `archive` writes the file.
The format is described in docs/copy-of-my-data.md; whoever changes a key there raises VERSION.
"""
