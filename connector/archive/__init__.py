"""The archive of a ticket that has ended: one ZIP, and one PDF/A-3 with everything embedded."""
