"""A procedure as the flowchart of Indonesian POS documents (Permenpan RB 35/2012), drawn from its table. Pure."""
