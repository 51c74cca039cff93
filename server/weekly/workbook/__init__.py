"""The sheets of the weekly workbook; `server.weekly.render` puts them together."""
