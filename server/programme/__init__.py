"""Areas, sites, assignments, work items, progress, import, roll-up."""
