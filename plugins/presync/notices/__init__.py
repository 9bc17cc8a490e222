"""Being told: what has changed for a company, in a message to those whom its tenant file names."""
