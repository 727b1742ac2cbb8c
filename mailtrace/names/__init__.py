"""Domain names: their A-labels, and the organisation that a host belongs to. No DNS."""
