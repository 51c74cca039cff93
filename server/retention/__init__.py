"""How long data is kept: classes with a rule each, legal holds that stop them, a record of what was removed."""
