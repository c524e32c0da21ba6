"""What the release gate knows about the platform, and how it judges it."""
