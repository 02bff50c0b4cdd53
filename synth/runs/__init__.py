"""A run's folder: store, checkpoint, config and the modules written."""
