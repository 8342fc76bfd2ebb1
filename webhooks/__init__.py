"""What Redmine sends: verified, understood, stored. The Redmine plugin is in `redmine_sop/`."""
