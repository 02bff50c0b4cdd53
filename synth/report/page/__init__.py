"""A run as one HTML page that needs nothing else: charts, images, programs and what they mean."""
