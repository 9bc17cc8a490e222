"""The answer as people and programs read it: `verdict.json`, findings, and Data Docs that work offline."""
