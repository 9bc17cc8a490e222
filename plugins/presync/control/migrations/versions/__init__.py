"""One file per change of the schema; the newest is named in `control.database.HEAD`."""
