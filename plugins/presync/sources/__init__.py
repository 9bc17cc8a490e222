"""What is read from both systems: Visma Business over ODBC, Severa over HTTP."""
