"""The lists and spreadsheets of a report, and reading them back after people edited them."""
