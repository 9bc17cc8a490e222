"""Reading Severa over HTTPS."""
