"""What a person sees: a terminal's displays and tables, and a run's page."""
