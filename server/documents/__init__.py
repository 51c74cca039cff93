"""Documents: numbered papers, frozen as data when issued, drawn as DOCX and PDF when asked for."""
