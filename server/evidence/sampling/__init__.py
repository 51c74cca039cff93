"""The weekly sample of approved reports for a second look (抽查复核), weighted by what their photos are flagged with."""
