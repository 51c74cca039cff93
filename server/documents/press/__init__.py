"""The process that draws papers: pictures made small and marked, Word templates filled in, PDF typeset, under limits.

It imports nothing else of `server` and none of the web application, and is started by `server/documents/printing.py`.
"""
