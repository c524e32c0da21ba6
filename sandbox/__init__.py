"""A local stand-in of the codex-k8s staging, built from the platform's contract over real protocols."""
