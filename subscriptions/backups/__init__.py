"""Make backups, restore them, and rehearse that."""
