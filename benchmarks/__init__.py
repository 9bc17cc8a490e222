"""What Presync costs, as ratios measured side by side in one run: `make bench`, `docs/benchmarks.md`."""
