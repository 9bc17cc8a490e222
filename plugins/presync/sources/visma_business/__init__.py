"""Reading Visma Business over ODBC."""
