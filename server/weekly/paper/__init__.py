"""The weekly report on paper: one set of facts from the bulletin, printed as DOCX from a template and as PDF.

A template may name what `facts.py` gives; `drawing.py` has the functions that others call.
"""
