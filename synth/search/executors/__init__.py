"""Where rounds are played: confined processes of this machine, or actors of a Ray cluster."""
