"""The rules: suites in `expectations/`, run by Great Expectations over the check tables; findings."""
