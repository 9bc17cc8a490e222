"""One company's onboarding, read from its YAML file."""
