"""The document of one report, as PDF and as DOCX: everything that was found and what proves it, drawn when asked for."""
