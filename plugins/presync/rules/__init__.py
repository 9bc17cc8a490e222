"""From suites to findings, by Great Expectations."""
