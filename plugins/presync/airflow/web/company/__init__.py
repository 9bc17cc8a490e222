"""A company's page: everything on record about it, and what people may do there."""
